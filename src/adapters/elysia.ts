/**
 * Guards an Elysia application.
 *
 * @module postern/elysia
 */

import type { ElysiaCustomStatusResponse } from "elysia";
import {
  type AccessOptions,
  createGate,
  type PrivateOptions,
  type RequestVerifier,
} from "./gate.ts";
import { webPath } from "./public-paths.ts";

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

/**
 * For `resolve` of Elysia 1.3 and later: puts the verified token, typed, into the context as `access`,
 * refuses with `status()`; an exception of your own `check` is thrown as it is. It is for the routes
 * that follow it: `{ as: "scoped" }` and `{ as: "global" }` take it to those of other instances.
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
    const { access, rejection } = await gate(request, webPath(request));
    if (rejection === undefined) return { access: access as T };
    if (rejection.status === 500) throw rejection.error;
    Object.assign(set.headers, rejection.headers, { "content-type": rejection.contentType });
    return status(rejection.status, rejection.body) as AccessDenied;
  };
}
