/**
 * Guards a Next.js application, in its proxy and in its own code.
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

/** A function that Next.js calls before a route: a proxy, or a middleware up to version 15. */
export type NextProxy = (
  request: Request,
  event?: { waitUntil(promise: Promise<unknown>): void },
) => Promise<Response | undefined>;

/**
 * Creates a proxy for Next.js 16 (`proxy.ts`) or a middleware for 15 (`middleware.ts`). It answers refused
 * requests, and accepted ones continue to their route. An exception from your own `check` is thrown unchanged.
 *
 * Next.js does not always run it, for example because of its `matcher`. So call {@link getAccess} again in
 * the code that you want to protect. A header that a proxy adds to a request proves nothing there.
 *
 * A request that may call a server action is never public, because the client chooses the action on any
 * path. This is a `POST` with a `Next-Action` header or a `multipart/form-data` body.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/next";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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

/** Next.js reads the action from a header, or from a form that is sent without JavaScript. */
function mayRunAction({ method, headers }: Request): boolean {
  const isForm = /multipart\/form-data/i.test(headers.get("content-type") ?? "");
  return method === "POST" && (isForm || headers.has("next-action"));
}

/** Either the verified token, or the response of the refusal. */
export type NextAccess<T> =
  | { readonly access: T; readonly response?: undefined }
  | { readonly access?: undefined; readonly response: Response };

/** Neither, because the request has no token and needs none. */
export interface NoAccess {
  readonly access?: undefined;
  readonly response?: undefined;
}

/** Options of {@link getAccess}. It does not know the path, so no path can be public. */
export interface GetAccessOptions extends AccessOptions<Headed> {
  publicPaths?: undefined;
}

/**
 * Verifies the token again in the code to protect: in a route handler with its request, in a server
 * component or a server action with `headers()`. Verifying the same token again is cheap.
 *
 * With `optional: true`, a request without a token has neither `access` nor `response`.
 *
 * @param source the request, or the result of `headers()`
 * @throws (rejects) with the exception from your own `check`, unchanged
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { getAccess } from "postern/next";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
