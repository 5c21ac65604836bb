/**
 * Guards a Next.js application, at its proxy and in its own code.
 *
 * @module postern/next
 */

import {
  type AccessOptions,
  createGate,
  type Headed,
  type PrivateOptions,
  type RequestVerifier,
} from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** What Next.js calls before a route: a proxy, or a middleware up to version 15. */
export type NextProxy = (
  request: Request,
  event?: { waitUntil(promise: Promise<unknown>): void },
) => Promise<Response | undefined>;

/**
 * A proxy for Next.js 16 (`proxy.ts`), a middleware for 15 (`middleware.ts`): answers whom it refuses;
 * whoever passes goes on to the route. An exception of your own `check` is thrown as it is.
 *
 * It can be kept from running, by its own `matcher` for one: ask {@link getAccess} again wherever
 * something is to be protected. Nothing that a proxy could add to a request proves anything there.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/next";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export const proxy = requireAccess(verifier);
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): NextProxy {
  const gate = createGate<T, Request>(verifier, options);
  return async (request, event) => {
    const waitUntil = (promise: Promise<unknown>): void => event?.waitUntil(promise);
    const { rejection } = await gate(request, webPath(request), waitUntil);
    if (rejection?.isFault) throw rejection.error;
    return rejection && toResponse(rejection);
  };
}

/** Either the verified token, or what to answer. */
export type NextAccess<T> =
  | { readonly access: T; readonly response?: undefined }
  | { readonly access?: undefined; readonly response: Response };

/**
 * Verifies again where it matters: in a route handler with its request, in a server component or a
 * server action with `headers()`. Verifying a token again costs next to nothing.
 *
 * @param source the request, or what `headers()` returns
 * @throws (rejects) what your own `check` threw, as it is
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { getAccess } from "postern/next";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export async function GET(request: Request): Promise<Response> {
 *   const { access, response } = await getAccess(verifier, request);
 *   return response ?? new Response(`Hello ${access.principal.id}`);
 * }
 * ```
 */
export async function getAccess<T>(
  verifier: RequestVerifier<T>,
  source: Headed | Headers | Promise<Headers>,
  options: PrivateOptions<Headed> = {},
): Promise<NextAccess<T>> {
  const found = await source;
  const request: Headed = "headers" in found ? found : { headers: found };
  const gate = createGate<T, Headed>(verifier, options);
  const { access, rejection } = await gate(request, undefined);
  if (rejection?.isFault) throw rejection.error;
  return rejection ? { response: toResponse(rejection) } : { access: access as T };
}
