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
 * A proxy for Next.js 16 (`proxy.ts`), a middleware for 15 (`middleware.ts`): answers a request that
 * it refuses; any other goes on to its route. An exception of your own `check` is thrown as it is.
 *
 * It can be kept from running, by its own `matcher` for one: ask {@link getAccess} again wherever
 * something is to be protected. Nothing that a proxy could add to a request proves anything there.
 *
 * What may be a call of a server action is never public, since the client says which action runs,
 * whatever the path: a `POST` with a `Next-Action` header or a body of `multipart/form-data`.
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
    const path = mayRunAction(request) ? undefined : webPath(request);
    const { rejection } = await gate(request, path, waitUntil);
    if (rejection?.isFault) throw rejection.error;
    return rejection && toResponse(rejection);
  };
}

/** Next decodes the name of an action from a header, or from a form that is sent without JavaScript. */
function mayRunAction({ method, headers }: Request): boolean {
  const isForm = /multipart\/form-data/i.test(headers.get("content-type") ?? "");
  return method === "POST" && (isForm || headers.has("next-action"));
}

/** Either the verified token, or what to answer. */
export type NextAccess<T> =
  | { readonly access: T; readonly response?: undefined }
  | { readonly access?: undefined; readonly response: Response };

/** Neither: no token was brought, and none is needed. */
export interface NoAccess {
  readonly access?: undefined;
  readonly response?: undefined;
}

/** What {@link getAccess} can be told. It is given no path, so that none is public. */
export interface GetAccessOptions extends AccessOptions<Headed> {
  publicPaths?: undefined;
}

/**
 * Verifies again where it matters: in a route handler with its request, in a server component or a
 * server action with `headers()`. Verifying a token again costs next to nothing.
 *
 * With `optional: true`, a request that brings no token has neither `access` nor `response`.
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
export function getAccess<T>(
  verifier: RequestVerifier<T>,
  source: Headed | Headers | Promise<Headers>,
  options?: PrivateOptions<Headed>,
): Promise<NextAccess<T>>;
export function getAccess<T>(
  verifier: RequestVerifier<T>,
  source: Headed | Headers | Promise<Headers>,
  options: GetAccessOptions,
): Promise<NextAccess<T> | NoAccess>;
export async function getAccess<T>(
  verifier: RequestVerifier<T>,
  source: Headed | Headers | Promise<Headers>,
  options: GetAccessOptions = {},
): Promise<NextAccess<T> | NoAccess> {
  const found = await source;
  const request: Headed = "headers" in found ? found : { headers: found };
  const gate = createGate<T, Headed>(verifier, options);
  const { access, rejection } = await gate(request, undefined);
  if (rejection?.isFault) throw rejection.error;
  if (rejection) return { response: toResponse(rejection) };
  return access === undefined ? {} : { access };
}
