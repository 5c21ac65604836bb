/**
 * Guards Cloudflare Pages Functions.
 *
 * @module postern/pages
 */

import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of a Pages Function's context that is used. */
export interface PagesContextLike {
  readonly request: Request;
  readonly data: Record<string, unknown>;
  waitUntil(promise: Promise<unknown>): void;
  next(): Promise<Response>;
}

/**
 * Middleware for Cloudflare Pages Functions, in `functions/_middleware.ts`: puts the verified token at
 * `data.access`. An exception of your own `check` is answered 500 and logged, not passed on: after
 * `passThroughOnException` the platform would serve the page instead.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/pages";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export const onRequest = requireAccess(verifier);
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): (context: PagesContextLike) => Promise<Response> {
  const gate = createGate<T, Request>(verifier, options);
  return async (context) => {
    const { request, data } = context;
    const waitUntil = (promise: Promise<unknown>): void => context.waitUntil(promise);
    const { access, rejection } = await gate(request, webPath(request), waitUntil);
    if (rejection === undefined) {
      data["access"] = access;
      return context.next();
    }
    if (rejection.isFault) console.error(rejection.error);
    return toResponse(rejection);
  };
}
