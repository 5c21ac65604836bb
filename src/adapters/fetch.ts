/**
 * Guards a fetch handler: Workers, Deno, Bun, Service Workers.
 *
 * @module postern/fetch
 */

import {
  type AccessOptions,
  createGate,
  type PrivateOptions,
  type RequestVerifier,
} from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";
import { waitUntilOf } from "./wait-until.ts";

export type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";
export {
  type AssertionAccess,
  type ContextAccess,
  guardWorker,
  type WorkerAccess,
  type WorkerFetch,
  type WorkerHandler,
  type WorkerOptions,
} from "./worker.ts";

/** What answers a request; the rest is what the runtime adds, such as `env` and `ctx`. */
export type GuardedHandler<T, R, Rest extends readonly unknown[]> = (
  request: R,
  access: T,
  ...rest: Rest
) => Response | Promise<Response>;

/** A handler as Workers, `Deno.serve`, `Bun.serve` and Service Workers take it. */
export type FetchHandler<R, Rest extends readonly unknown[]> = (
  request: R,
  ...rest: Rest
) => Promise<Response>;

/**
 * Guards a fetch handler: it is called with the verified token as its second argument, and only then.
 * An exception of your own `check` is answered 500 and logged, not passed on: a Worker may have asked
 * the platform to let requests through on exceptions.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { guard } from "postern/fetch";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export default {
 *   fetch: guard(verifier, (_request, access) => new Response(`Hello ${access.principal.id}`)),
 * };
 * ```
 */
export function guard<T, R extends Request = Request, Rest extends readonly unknown[] = unknown[]>(
  verifier: RequestVerifier<T>,
  handler: GuardedHandler<T, R, Rest>,
  options?: PrivateOptions<R>,
): FetchHandler<R, Rest>;
export function guard<T, R extends Request = Request, Rest extends readonly unknown[] = unknown[]>(
  verifier: RequestVerifier<T>,
  handler: GuardedHandler<T | undefined, R, Rest>,
  options: AccessOptions<R>,
): FetchHandler<R, Rest>;
export function guard<T, R extends Request, Rest extends readonly unknown[]>(
  verifier: RequestVerifier<T>,
  handler: GuardedHandler<T, R, Rest>,
  options?: AccessOptions<R>,
): FetchHandler<R, Rest> {
  const gate = createGate(verifier, options);
  return async (request, ...rest) => {
    // The context comes last: a Worker's `ctx`, a Service Worker's event.
    const waitUntil = waitUntilOf(rest.at(-1));
    const { access, rejection } = await gate(request, webPath(request), waitUntil);
    if (rejection === undefined) return handler(request, access as T, ...rest);
    if (rejection.isFault) console.error(rejection.error);
    return toResponse(rejection);
  };
}
