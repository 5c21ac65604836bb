/**
 * Guards a fetch handler of Workers, Deno, Bun or Service Workers.
 *
 * @module postern/fetch
 */

import { mistake } from "../caller-mistakes.ts";
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

/** Your handler. `rest` is what the runtime adds, such as `env` and `ctx`. */
export type GuardedHandler<T, R, Rest extends readonly unknown[]> = (
  request: R,
  access: T,
  ...rest: Rest
) => Response | Promise<Response>;

/** A handler for Workers, `Deno.serve`, `Bun.serve` and Service Workers. */
export type FetchHandler<R, Rest extends readonly unknown[]> = (
  request: R,
  ...rest: Rest
) => Promise<Response>;

/**
 * Guards a fetch handler. The handler is called only for accepted requests, with the verified token as its
 * second argument. If your own `check` throws, the error is logged and the answer is 500. It is not thrown,
 * because a Worker may be configured to let requests through on exceptions.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { guard } from "postern/fetch";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
  if (typeof handler !== "function") throw mistake("handler", "a function", handler);
  return async (request, ...rest) => {
    // The last argument is the context: a Worker's `ctx` or a Service Worker's event.
    const waitUntil = waitUntilOf(rest.at(-1));
    const { access, rejection } = await gate(request, webPath(request), waitUntil);
    if (rejection === undefined) return handler(request, access as T, ...rest);
    if (rejection.isFault) console.error(rejection.error);
    return toResponse(rejection);
  };
}
