/**
 * Guards an Elysia application.
 *
 * @module postern/elysia
 */

import type { AnyElysia, Elysia, ElysiaCustomStatusResponse } from "elysia";
import {
  type AccessOptions,
  createGate,
  type PrivateOptions,
  type RequestVerifier,
} from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of Elysia's context that is used. */
export interface ElysiaContextLike {
  readonly request: Request;
  readonly set: { readonly headers: object };
  readonly status: (code: 401 | 403 | 503, body: string) => unknown;
}

/** A value that ends a request with a status. */
export type AccessDenied = ElysiaCustomStatusResponse<401 | 403 | 503, string>;

/** A function for `resolve`. It adds to the context, or ends the request. */
export type AccessResolver<T> = (
  context: ElysiaContextLike,
) => Promise<{ access: T } | AccessDenied>;

/** A plugin that guards an instance and adds `access` to the context of its routes. */
export type AccessPlugin<T> = (
  app: AnyElysia,
) => Elysia<"", { decorator: Nothing; store: Nothing; derive: Nothing; resolve: { access: T } }>;

type Nothing = Record<never, never>;

/**
 * Creates a plugin for Elysia 1.3 and later that guards the whole instance: all routes, mounted
 * applications, WebSockets and paths without a route, before anything is parsed or validated. Use it
 * first, and not inside an async plugin, because nothing is guarded until that plugin has loaded. Later
 * routes have the verified token in their context as `access`, with its type. If your own `check` throws,
 * the error is logged and the answer is 500.
 *
 * It turns off `systemRouter` and `nativeStaticResponse`, because with them Bun answers some routes without
 * running any hook.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { Elysia } from "elysia";
 * import { createVerifier } from "postern";
 * import { accessPlugin } from "postern/elysia";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * new Elysia()
 *   .use(accessPlugin(verifier))
 *   .get("/", ({ access }) => `Hello ${access.principal.id}`);
 * ```
 */
export function accessPlugin<T>(
  verifier: RequestVerifier<T>,
  options?: PrivateOptions<Request>,
): AccessPlugin<T>;
export function accessPlugin<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<Request>,
): AccessPlugin<T | undefined>;
export function accessPlugin<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): AccessPlugin<T> {
  const gate = createGate(verifier, options);
  const resolver = requireAccess(verifier, options as PrivateOptions<Request>);
  const admitted = new WeakMap<Request, { access: T }>();
  return (app) => {
    Object.assign(app.config, { systemRouter: false, nativeStaticResponse: false });
    const decided: AnyElysia = app.onRequest(async ({ request }) => {
      const { access, rejection } = await gate(request, elysiaPath(request));
      if (rejection === undefined) {
        admitted.set(request, { access: access as T });
        return undefined;
      }
      // Not thrown, because Elysia answers an exception in this kind of hook with 200.
      if (rejection.isFault) console.error(rejection.error);
      return toResponse(rejection);
    });
    // Elysia parses a body only if a hook uses it, so this hook names only these three.
    return decided.resolve({ as: "global" }, async ({ request, set, status }) => {
      return admitted.get(request) ?? (await resolver({ request, set, status }));
    });
  };
}

/**
 * Creates a function for `resolve` of Elysia 1.3 and later. It adds the verified token to the context as
 * `access`, with its type, and refuses with `status()`. An exception from your own `check` is thrown
 * unchanged. It guards only the routes after it. `{ as: "scoped" }` or `{ as: "global" }` extends it to
 * other instances. It runs after the body is parsed and validated; `accessPlugin` runs before.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { Elysia } from "elysia";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/elysia";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * new Elysia()
 *   .resolve(requireAccess(verifier))
 *   .get("/", ({ access }) => `Hello ${access.principal.id}`);
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: PrivateOptions<Request>,
): AccessResolver<T>;
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<Request>,
): AccessResolver<T | undefined>;
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<Request>,
): AccessResolver<T> {
  const gate = createGate(verifier, options);
  return async ({ request, set, status }) => {
    const { access, rejection } = await gate(request, elysiaPath(request));
    if (rejection === undefined) return { access: access as T };
    if (rejection.status === 500) throw rejection.error;
    Object.assign(set.headers, rejection.headers, { "content-type": rejection.contentType });
    return status(rejection.status, rejection.body) as AccessDenied;
  };
}

/**
 * The path that Elysia uses to route. It searches for the path from the 11th character of the URL, so it
 * reads `http://x/public/admin` as `/admin`. With such a short host no path is public.
 */
function elysiaPath(request: Request): string | undefined {
  const { url } = request;
  return url.indexOf("/", 8) === url.indexOf("/", 11) ? webPath(request) : undefined;
}
