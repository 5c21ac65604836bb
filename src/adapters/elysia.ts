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

/** What ends a request with a status. */
export type AccessDenied = ElysiaCustomStatusResponse<401 | 403 | 503, string>;

/** What `resolve` takes: it adds to the context, or ends the request. */
export type AccessResolver<T> = (
  context: ElysiaContextLike,
) => Promise<{ access: T } | AccessDenied>;

/** A plugin that guards the instance it is used in, and adds `access` to the context of its routes. */
export type AccessPlugin<T> = (
  app: AnyElysia,
) => Elysia<"", { decorator: Nothing; store: Nothing; derive: Nothing; resolve: { access: T } }>;

type Nothing = Record<never, never>;

/**
 * A plugin for Elysia 1.3 and later that guards the whole instance: every route wherever it is
 * registered, before anything is parsed or validated, mounted applications, WebSockets and paths that no
 * route matches. Use it first and not from within an async plugin: until that has loaded, nothing is
 * guarded. The verified token is in the context of the routes that follow as `access`, typed. An
 * exception of your own `check` is answered 500 and logged.
 *
 * It turns `systemRouter` and `nativeStaticResponse` off: with them Bun answers some routes without
 * asking any hook.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { Elysia } from "elysia";
 * import { createVerifier } from "postern";
 * import { accessPlugin } from "postern/elysia";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
      // What a hook of this kind throws, Elysia answers with 200.
      if (rejection.isFault) console.error(rejection.error);
      return toResponse(rejection);
    });
    // Elysia parses what it sees a hook use: only these three, so that bodies stay untouched.
    return decided.resolve({ as: "global" }, async ({ request, set, status }) => {
      return admitted.get(request) ?? (await resolver({ request, set, status }));
    });
  };
}

/**
 * For `resolve` of Elysia 1.3 and later: puts the verified token, typed, into the context as `access`,
 * refuses with `status()`; an exception of your own `check` is thrown as it is. It is for the routes
 * that follow it: `{ as: "scoped" }` and `{ as: "global" }` take it to those of other instances. It
 * runs after the body was parsed and validated; `accessPlugin` runs before.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { Elysia } from "elysia";
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/elysia";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
 * The path that Elysia routes by. It looks for it from the 11th character of the URL on, and takes
 * `http://x/public/admin` for `/admin`: after so short a host no path is public.
 */
function elysiaPath(request: Request): string | undefined {
  const { url } = request;
  return url.indexOf("/", 8) === url.indexOf("/", 11) ? webPath(request) : undefined;
}
