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
 * Creates middleware for Astro 5 to 7 (`src/middleware.ts`). It puts the verified token at
 * `context.locals.access`. An exception from your own `check` is thrown unchanged.
 *
 * An action is never public, because `?_action=name` runs it on any path, even on a public one.
 *
 * A prerendered page is served without any middleware. So if it is not in `publicPaths`, the build fails
 * instead of publishing it to everyone.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/astro";
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
): (context: AstroContextLike, next: () => Promise<Response>) => Promise<Response> {
  const gate = createGate<T, Request>(verifier, options);
  return async (context, next) => {
    const { locals, isPrerendered } = context;
    // The request of a build has no headers, and Astro warns each time they are read.
    const request = isPrerendered ? new Request(context.request.url) : context.request;
    const path = webPath(request);
    const { access, rejection } = await gate(request, namesAction(request) ? undefined : path);
    if (rejection === undefined) {
      Object.assign(locals, { access });
      return next();
    }
    if (isPrerendered) {
      throw new Error(
        `${path} is prerendered, so it cannot be guarded: set prerender = false, or add it to publicPaths`,
      );
    }
    if (rejection.isFault) throw rejection.error;
    return toResponse(rejection);
  };
}

/** Whether the request runs an action. Astro reads its name from the query or the path of any page. */
function namesAction({ url }: Request): boolean {
  const { pathname, searchParams } = new URL(url);
  return searchParams.has("_action") || pathname.includes("/_actions/");
}
