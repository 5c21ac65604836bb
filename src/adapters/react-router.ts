import type { VerifiedAccessToken } from "../access/principal.ts";
import { TokenError } from "../errors.ts";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { rejectionOf, toResponse } from "./rejection.ts";

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
export const accessContext: AccessContext<VerifiedAccessToken | undefined> = {};

/**
 * Middleware for React Router 7 and 8 in framework or data mode, on the root route: puts the verified
 * token into the router's context and throws a `Response` at whom it refuses; an exception of your own
 * `check` is thrown as it is.
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
  options?: AccessOptions<Request>,
): <R>(
  args: { readonly request: Request; readonly context: Readonly<ContextProviderLike> },
  next: () => Promise<R>,
) => Promise<R> {
  const gate = createGate<T, Request>(verifier, options);
  return async ({ request, context }, next) => {
    const { access, rejection } = await gate(request, webPath(request));
    if (rejection?.isFault) throw rejection.error;
    if (rejection !== undefined) throw toResponse(rejection);
    context.set(accessContext, access as never);
    return next();
  };
}

/**
 * The verified token in a loader or an action. Where no middleware has put one, on a public path or
 * because the middleware was forgotten, it throws a 401 `Response`.
 *
 * @example
 * ```ts
 * import { getAccess } from "postern/react-router";
 * import type { Route } from "./+types/home";
 *
 * export function loader({ context }: Route.LoaderArgs) {
 *   return { id: getAccess(context).principal.id };
 * }
 * ```
 */
export function getAccess(context: Readonly<ContextProviderLike>): VerifiedAccessToken {
  const access = readContext(context);
  if (access !== undefined) return access;
  throw toResponse(rejectionOf(new TokenError("token_missing")));
}

/** The provider throws where nothing was put. */
function readContext(context: Readonly<ContextProviderLike>): VerifiedAccessToken | undefined {
  try {
    return context.get(accessContext);
  } catch {
    return undefined;
  }
}
