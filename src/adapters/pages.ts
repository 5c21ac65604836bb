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
 * Creates middleware for Cloudflare Pages Functions, for `functions/_middleware.ts`. It puts the verified
 * token at `data.access`. If your own `check` throws, the error is logged and the answer is 500. It is not
 * thrown, because after `passThroughOnException` the platform would serve the page.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/pages";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
