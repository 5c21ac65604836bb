/**
 * Guards a Koa application.
 *
 * @module postern/koa
 */

import type { IncomingMessage } from "node:http";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { nodePath } from "./public-paths.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of a Koa context that is used. */
export interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly originalUrl: string;
  state: object;
  throw(status: number, message: string, properties: object): never;
}

/**
 * Creates middleware for Koa 2 and 3. It puts the verified token at `ctx.state.access` and refuses with
 * `ctx.throw`. An exception from your own `check` is thrown unchanged.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import Koa from "koa";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/koa";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * const app = new Koa().use(requireAccess(verifier));
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<IncomingMessage>,
): (ctx: KoaContextLike, next: () => Promise<unknown>) => Promise<void> {
  const gate = createGate<T, IncomingMessage>(verifier, options);
  return async (ctx, next) => {
    const { access, rejection } = await gate(ctx.req, nodePath(ctx));
    if (rejection?.isFault) throw rejection.error;
    if (rejection !== undefined) {
      const { status, title, headers, error } = rejection;
      ctx.throw(status, title, { headers, expose: true, cause: error });
    }
    Object.assign(ctx.state, { access });
    await next();
  };
}
