/**
 * Guards a Hono application.
 *
 * @module postern/hono
 */

import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import {
  type AccessOptions,
  createGate,
  type PrivateOptions,
  type RequestVerifier,
} from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The context of guarded handlers: `c.get("access")` or `c.var.access`. */
export interface AccessEnv<T> {
  Variables: { access: T };
}

/**
 * Creates middleware for Hono 4. Handlers get the verified token with `c.get("access")`. A refusal is an
 * `HTTPException` with a response. An exception from your own `check` goes to `app.onError` unchanged.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/hono";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * export default new Hono()
 *   .use(requireAccess(verifier))
 *   .get("/", (c) => c.text(`Hello ${c.get("access").principal.id}`));
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: PrivateOptions<Request>,
): MiddlewareHandler<AccessEnv<T>>;
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<Request>,
): MiddlewareHandler<AccessEnv<T | undefined>>;
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): MiddlewareHandler<AccessEnv<T>> {
  const gate = createGate(verifier, options);
  return async (c, next) => {
    const request = c.req.raw;
    const { access, rejection } = await gate(request, webPath(request), waitUntilOf(c));
    if (rejection === undefined) {
      c.set("access", access as T);
      return next();
    }
    const { status, title, error, isFault } = rejection;
    if (isFault) throw error;
    throw new HTTPException(status, { res: toResponse(rejection), message: title, cause: error });
  };
}

/** Reading `executionCtx` throws when there is none. */
function waitUntilOf<T>(
  c: Context<AccessEnv<T>>,
): ((promise: Promise<unknown>) => void) | undefined {
  try {
    const { executionCtx } = c;
    return (promise) => executionCtx.waitUntil(promise);
  } catch {
    return undefined;
  }
}
