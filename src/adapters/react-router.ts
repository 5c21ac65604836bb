/**
 * Guards a React Router application in framework mode.
 *
 * @module postern/react-router
 */

import type { VerifiedAccessToken } from "../access/access-token.ts";
import { mistake, readOptions } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { rejectionOf, toResponse } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** A context key, as `createContext` of React Router makes it. */
export interface AccessContext<T> {
  defaultValue?: T;
}

/** The part of a `RouterContextProvider` that is used. */
export interface ContextProviderLike {
  get<T>(context: { defaultValue?: T }): T;
  set(context: object, value: never): void;
}

/** The key of the verified token: `context.get(accessContext)`. */
export const accessContext: AccessContext<VerifiedAccessToken | null> = { defaultValue: null };

/** Options of the guard for React Router. */
export interface ReactRouterOptions extends AccessOptions<Request> {
  /**
   * `"response"` returns the refusal. `"throw"` throws it, so that React Router shows your error boundary.
   * The refusal then loses its headers, unless `headers` of the root route returns `errorHeaders`.
   *
   * @defaultValue `"response"`
   */
  refuseWith?: "response" | "throw" | undefined;
}

/**
 * Creates middleware for the root route of React Router 7.9 and later, and 8, in framework mode. It puts the
 * verified token into the router's context. An exception from your own `check` is thrown unchanged.
 *
 * In the unstable RSC mode, a call of a server function by its header is never public, because the client
 * chooses the function on any path.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/react-router";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * export const middleware = [requireAccess(verifier)];
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: ReactRouterOptions = {},
): <R>(
  args: { readonly request: Request; readonly context: Readonly<ContextProviderLike> },
  next: () => Promise<R>,
) => Promise<R | Response> {
  const names = [...ACCESS_OPTIONS, "refuseWith"] as const;
  const { refuseWith = "response", ...shared } = readOptions<ReactRouterOptions>(options, names);
  const gate = createGate<T, Request>(verifier, shared);
  if (refuseWith !== "response" && refuseWith !== "throw") {
    throw mistake("refuseWith", '"response" or "throw"', refuseWith);
  }
  return async ({ request, context }, next) => {
    const path = request.headers.has("rsc-action-id") ? undefined : webPath(request);
    const { access, rejection } = await gate(request, path);
    if (rejection === undefined) {
      context.set(accessContext, (access ?? null) as never);
      return next();
    }
    if (rejection.isFault) throw rejection.error;
    if (refuseWith === "throw") throw toResponse(rejection);
    return toResponse(rejection);
  };
}

/**
 * Returns the verified token in a loader or an action.
 *
 * @throws {Response} with status 401 when there is none: on a public path, or without the middleware
 *
 * @example
 * ```ts
 * import { getAccess } from "postern/react-router";
 * import type { LoaderFunctionArgs } from "react-router";
 *
 * export function loader({ context }: LoaderFunctionArgs) {
 *   return { id: getAccess(context).principal.id };
 * }
 * ```
 */
export function getAccess(context: Readonly<ContextProviderLike>): VerifiedAccessToken {
  const access = context.get(accessContext);
  if (access) return access;
  throw toResponse(rejectionOf(new TokenError("token_missing")));
}
