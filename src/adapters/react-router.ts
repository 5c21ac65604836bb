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

/** What `createContext` of React Router makes: a key, and perhaps a default. */
export interface AccessContext<T> {
  defaultValue?: T;
}

/** The part of a `RouterContextProvider` that is used. */
export interface ContextProviderLike {
  get<T>(context: { defaultValue?: T }): T;
  set(context: object, value: never): void;
}

/** Where the middleware puts the verified token: `context.get(accessContext)`. */
export const accessContext: AccessContext<VerifiedAccessToken | null> = { defaultValue: null };

/** What the guard of a React Router application can be told. */
export interface ReactRouterOptions extends AccessOptions<Request> {
  /**
   * Answers itself, or throws the `Response`, which shows the application's own error boundary but
   * loses its headers, unless the root route's `headers` hands on `errorHeaders`. `"response"`
   */
  refuseWith?: "response" | "throw" | undefined;
}

/**
 * Middleware for React Router 7.9 and later, and 8, in framework mode, on the root route: puts the
 * verified token into the router's context; an exception of your own `check` is thrown as it is.
 *
 * A server function of the unstable RSC mode that is called by its header is never public: the client
 * says which one runs, whatever the path.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/react-router";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
 * The verified token in a loader or an action. Where no middleware has put one, on a public path or
 * because the middleware was forgotten, it throws a 401 `Response`.
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
