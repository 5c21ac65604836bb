/**
 * Guards a Nest application.
 *
 * @module postern/nest
 */

import type { IncomingMessage } from "node:http";
import {
  type CustomDecorator,
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  SetMetadata,
} from "@nestjs/common";
import { type AccessOptions, createGate, type Gate, type RequestVerifier } from "./gate.ts";
import { nodePath } from "./public-paths.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

const PUBLIC = "postern:public";

/** Lets everybody call a handler, or all of a controller: no token is looked at. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);

/** A handler's parameter: the verified token, `undefined` where it is public. */
export const Access: () => ParameterDecorator = createParamDecorator(
  (_data, context) => halvesOf(context).request?.access,
);

/**
 * A guard for Nest 10 to 12, on Express or Fastify, in HTTP and GraphQL contexts: `request.access` and
 * `@Access()` hold the verified token. It refuses with an `HttpException`, and everything in contexts of
 * any other kind; an exception of your own `check` is thrown as it is.
 *
 * @example
 * ```ts
 * import { Module } from "@nestjs/common";
 * import { APP_GUARD } from "@nestjs/core";
 * import { createVerifier } from "postern";
 * import { AccessGuard } from "postern/nest";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * @Module({ providers: [{ provide: APP_GUARD, useValue: new AccessGuard(verifier) }] })
 * export class AppModule {}
 * ```
 */
export class AccessGuard<T = unknown> {
  readonly gate: Gate<T, IncomingMessage>;

  /** @throws {TypeError} at once, for an option that is wrong */
  constructor(verifier: RequestVerifier<T>, options?: AccessOptions<IncomingMessage>) {
    this.gate = createGate(verifier, options);
  }

  /** Called by Nest before every handler. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isPublic(context.getHandler()) || isPublic(context.getClass())) return true;
    const { request, response } = halvesOf(context);
    if (request === undefined) return false;
    const { access, rejection } = await this.gate(request, nodePath(request));
    if (rejection?.isFault) throw rejection.error;
    if (rejection !== undefined) {
      const { status, title, headers, error } = rejection;
      for (const [name, value] of Object.entries(headers)) response?.header?.(name, value);
      throw new HttpException({ statusCode: status, message: title }, status, { cause: error });
    }
    request.access = access;
    return true;
  }
}

type Response = { header?(name: string, value: string): unknown } | undefined;
type Request = IncomingMessage & { originalUrl?: string; access?: unknown; res?: Response };
type Halves = { request?: Request | undefined; response?: Response };

function halvesOf(context: ExecutionContext): Halves {
  if (context.getType() === "http") {
    const http = context.switchToHttp();
    return { request: http.getRequest(), response: http.getResponse() } as Halves;
  }
  if (context.getType() !== "graphql") return {};
  // A resolver's third argument is what Nest's drivers made of the request.
  const { req, res } = (context.getArgByIndex(2) ?? {}) as { req?: Request; res?: Response };
  return { request: req, response: res ?? req?.res };
}

/** `reflect-metadata`, which Nest depends on, adds the method. */
function isPublic(target: object): boolean {
  const { getMetadata } = Reflect as { getMetadata?(key: string, target: object): unknown };
  return getMetadata?.(PUBLIC, target) === true;
}
