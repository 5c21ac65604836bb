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
 * Lets everyone call a handler, or all of a controller: no token is read. It is not inherited: a
 * class that extends the controller is guarded, and so are the handlers that it inherits.
 */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);

/** A handler's parameter: the verified token, `undefined` where it is public. */
export const Access: () => ParameterDecorator = createParamDecorator(
  (_data, context) => halvesOf(context).request?.access,
);

/**
 * A guard for Nest 10 to 12, on Express or Fastify: `request.access` and `@Access()` hold the verified
 * token. It guards HTTP handlers, GraphQL resolvers of every kind (also of subscriptions over `graphql-ws`)
 * and the messages of gateways, whose handshake it verifies again at each message. It refuses with an
 * `HttpException`, with `false` in gateways, and everything in contexts of any other kind; an exception of
 * your own `check` is thrown as it is.
 *
 * Nest calls a guard for handlers only: the page on Nest says what else is open, and how to close it.
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
    if (isPublic(context)) return true;
    const { request, response } = halvesOf(context);
    if (request === undefined) return false;
    const { access, rejection } = await this.gate(request, nodePath(request));
    if (rejection?.isFault) throw rejection.error;
    // Gateways know no `HttpException`: they would tell the client of an error of their own.
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
 * The context is the argument before GraphQL's info: the third of a field's resolver, the second of a
 * reference resolver, which has no `args`. The last info counts, because the caller writes `args` and the
 * reference. Over `graphql-ws` Nest's drivers put its own context at `req`, and the request is in `extra`.
 */
function graphqlHalves(args: readonly unknown[]): Halves {
  const at = args.map(isResolveInfo).lastIndexOf(true);
  const { req, res, extra } = (args[at - 1] ?? {}) as GraphqlContext;
  const request = req?.headers ? req : (req?.extra ?? extra)?.request;
  return { request, response: res ?? request?.res };
}

/** A `GraphQLResolveInfo`. */
function isResolveInfo(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    ["fieldNodes", "schema", "operation"].every((name) => name in value)
  );
}

/** Own metadata only: a class that extends a public one has not said that it is public. */
function isPublic(context: ExecutionContext): boolean {
  const [type, handler] = [context.getClass(), context.getHandler()];
  return isMarked(type) || (isMarked(handler) && declares(type, handler));
}

/** By name as well: tracing libraries wrap handlers, and keep their names. */
function declares(type: { prototype: object }, handler: object): boolean {
  const own = Object.getOwnPropertyDescriptors(type.prototype);
  const { name } = handler as { name?: unknown };
  return (
    Object.hasOwn(own, String(name)) || Object.values(own).some(({ value }) => value === handler)
  );
}

/** `reflect-metadata`, which Nest depends on, adds the method. */
function isMarked(target: object): boolean {
  const { getOwnMetadata } = Reflect as { getOwnMetadata?(key: string, target: object): unknown };
  return getOwnMetadata?.(PUBLIC, target) === true;
}
