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
import { handshakeOf } from "./nest-gateways.ts";
import { nodePath } from "./public-paths.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export { type GatewayAdapter, guardGateways } from "./nest-gateways.ts";
export type { OriginOptions } from "./origins.ts";
export type { PublicPaths } from "./public-paths.ts";

const PUBLIC = "postern:public";

/**
 * Makes a handler, or all handlers of a controller, public: no token is read. It is not inherited. A class
 * that extends the controller is guarded, and so are the handlers that it inherits.
 */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);

/** Decorates a handler's parameter: the verified token, or `undefined` when the handler is public. */
export const Access: () => ParameterDecorator = createParamDecorator(
  (_data, context) => halvesOf(context).request?.access,
);

/**
 * A guard for Nest 10 to 12, on Express or Fastify. The verified token is at `request.access` and in
 * `@Access()`. It guards HTTP handlers, all GraphQL resolvers (also subscriptions over `graphql-ws`) and the
 * messages of gateways. For a gateway it verifies the handshake again at each message. It refuses with an
 * `HttpException`, or with `false` in gateways. It refuses everything in other kinds of context. An
 * exception from your own `check` is thrown unchanged.
 *
 * Nest calls guards only for handlers. The page on Nest shows what else is open, and how to guard it.
 *
 * @example
 * ```ts
 * import { Module } from "@nestjs/common";
 * import { APP_GUARD } from "@nestjs/core";
 * import { createVerifier } from "postern";
 * import { AccessGuard } from "postern/nest";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * @Module({ providers: [{ provide: APP_GUARD, useValue: new AccessGuard(verifier) }] })
 * export class AppModule {}
 * ```
 */
export class AccessGuard<T = unknown> {
  readonly gate: Gate<T, IncomingMessage>;

  /** @throws {TypeError} at once, when an option is wrong */
  constructor(verifier: RequestVerifier<T>, options?: AccessOptions<IncomingMessage>) {
    this.gate = createGate(verifier, options);
  }

  /** Nest calls this before every handler. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isPublic(context)) return true;
    const { request, response } = halvesOf(context);
    if (request === undefined) return false;
    const { access, rejection } = await this.gate(request, nodePath(request));
    if (rejection?.isFault) throw rejection.error;
    // Gateways do not know `HttpException` and would send the client an internal error instead.
    if (rejection !== undefined && context.getType() === "ws") return false;
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
  switch (context.getType()) {
    case "http": {
      const http = context.switchToHttp();
      return { request: http.getRequest(), response: http.getResponse() } as Halves;
    }
    case "graphql":
      return graphqlHalves(context.getArgs());
    case "ws":
      return { request: handshakeOf(context.getArgByIndex(0)) };
    default:
      return {};
  }
}

type Socket = { extra?: { request?: Request } };
type GraphqlContext = Socket & { req?: Request & Socket; res?: Response };

/**
 * The context is the argument before GraphQL's info: the third one of a field's resolver, and the second one
 * of a reference resolver, which has no `args`. It uses the last argument that looks like an info, because
 * the caller controls `args` and the reference. With `graphql-ws`, Nest's drivers put the context of
 * `graphql-ws` at `req`, and the request is in `extra`.
 */
function graphqlHalves(args: readonly unknown[]): Halves {
  const at = args.map(isResolveInfo).lastIndexOf(true);
  const { req, res, extra } = (args[at - 1] ?? {}) as GraphqlContext;
  const request = req?.headers ? req : (req?.extra ?? extra)?.request;
  return { request, response: res ?? request?.res };
}

/** Whether it looks like a `GraphQLResolveInfo`. */
function isResolveInfo(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    ["fieldNodes", "schema", "operation"].every((name) => name in value)
  );
}

/** Reads only own metadata, because a class that extends a public one is not public itself. */
function isPublic(context: ExecutionContext): boolean {
  const [type, handler] = [context.getClass(), context.getHandler()];
  return isMarked(type) || (isMarked(handler) && declares(type, handler));
}

/** Whether the class itself has the handler. Also by name, because tracing libraries wrap handlers. */
function declares(type: { prototype: object }, handler: object): boolean {
  const own = Object.getOwnPropertyDescriptors(type.prototype);
  const { name } = handler as { name?: unknown };
  return (
    Object.hasOwn(own, String(name)) || Object.values(own).some(({ value }) => value === handler)
  );
}

/** The method comes from `reflect-metadata`, on which Nest depends. */
function isMarked(target: object): boolean {
  const { getOwnMetadata } = Reflect as { getOwnMetadata?(key: string, target: object): unknown };
  return getOwnMetadata?.(PUBLIC, target) === true;
}
