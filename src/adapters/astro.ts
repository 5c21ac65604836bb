/**
 * Guards an Astro site that is rendered on request.
 *
 * @module postern/astro
 */

import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of Astro's context that is used. */
export interface AstroContextLike {
  readonly request: Request;
  readonly locals: object;
  readonly isPrerendered: boolean;
}

/**
 * Middleware for Astro 5 to 7 (`src/middleware.ts`): puts the verified token at `context.locals.access`;
 * an exception of your own `check` is thrown as it is.
 *
 * An action is never public: `?_action=name` would run it on any path, a public one too.
 *
 * A prerendered page is served without asking any middleware. One that is not among `publicPaths`
 * therefore fails the build, instead of being open to everyone.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/astro";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export const onRequest = requireAccess(verifier);
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): (context: AstroContextLike, next: () => Promise<Response>) => Promise<Response> {
  const gate = createGate<T, Request>(verifier, options);
  return async (context, next) => {
    const { locals, isPrerendered } = context;
    // A build's request has no headers: Astro warns of every look at them.
    const request = isPrerendered ? new Request(context.request.url) : context.request;
    const path = webPath(request);
    const { access, rejection } = await gate(request, namesAction(request) ? undefined : path);
    if (rejection === undefined) {
      Object.assign(locals, { access });
      return next();
    }
    if (isPrerendered) {
      throw new Error(
        `${path} is prerendered, so it cannot be guarded: set prerender = false, or name it in publicPaths`,
      );
    }
    if (rejection.isFault) throw rejection.error;
    return toResponse(rejection);
  };
}

/** Astro runs the action that a query or a path of this kind names, whatever page it stands on. */
function namesAction({ url }: Request): boolean {
  const { pathname, searchParams } = new URL(url);
  return searchParams.has("_action") || pathname.includes("/_actions/");
}
