/**
 * Guards a SvelteKit application.
 *
 * @module postern/sveltekit
 */

import { error } from "@sveltejs/kit";
import { mistake, readOptions } from "../caller-mistakes.ts";
import { ACCESS_OPTIONS, type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { webPath } from "./public-paths.ts";
import { toResponse } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The part of a request event that is used. */
export interface EventLike {
  readonly request: Request;
  readonly locals: object;
  readonly platform?: unknown;
  readonly route?: { readonly id: string | null };
  readonly params?: { readonly [name: string]: unknown };
  readonly isRemoteRequest?: boolean;
}

/** Options of the guard for SvelteKit. */
export interface SvelteKitOptions extends AccessOptions<Request> {
  /**
   * `"response"` returns the refusal. `"error"` throws `error()`, so that SvelteKit shows your error page.
   * That cannot contain `WWW-Authenticate`, `Retry-After` or `Cache-Control`.
   *
   * @defaultValue `"response"`
   */
  refuseWith?: "response" | "error" | undefined;
}

/**
 * Creates a `handle` for SvelteKit 2 and 3 (`src/hooks.server.ts`). It puts the verified token at
 * `event.locals.access`. An exception from your own `check` is thrown unchanged. Prerendered pages and static
 * files are served without any `handle`.
 *
 * If a `reroute` hook sends a path to another route, it is public only if the path of that route is public,
 * too. A remote function is never public, because `?/remote=id` runs it on any path.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/sveltekit";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 *
 * export const handle = requireAccess(verifier);
 * ```
 */
export function requireAccess<T>(
  verifier: RequestVerifier<T>,
  options: SvelteKitOptions = {},
): <E extends EventLike>(input: {
  event: E;
  resolve: (event: E) => Response | Promise<Response>;
}) => Promise<Response> {
  const names = [...ACCESS_OPTIONS, "refuseWith"] as const;
  const { refuseWith = "response", ...shared } = readOptions<SvelteKitOptions>(options, names);
  const gate = createGate<T, Request>(verifier, shared);
  if (refuseWith !== "response" && refuseWith !== "error") {
    throw mistake("refuseWith", '"response" or "error"', refuseWith);
  }
  return async ({ event, resolve }) => {
    const { access, rejection } = await gate(event.request, pathsOf(event), waitUntilOf(event));
    if (rejection === undefined) {
      Object.assign(event.locals, { access });
      return resolve(event);
    }
    if (rejection.isFault) throw rejection.error;
    return refuseWith === "error"
      ? error(rejection.status, rejection.title)
      : toResponse(rejection);
  };
}

/** On Workers, the context is in `platform`. */
function waitUntilOf({ platform }: EventLike): ((promise: Promise<unknown>) => void) | undefined {
  const context = (platform as { ctx?: { waitUntil(promise: Promise<unknown>): void } } | undefined)
    ?.ctx;
  return context && ((promise) => context.waitUntil(promise));
}

/**
 * The paths that must be public: the path of the request and, after `reroute`, the path of the route. It
 * does not use `event.url`, because the client sets that for a remote function.
 */
function pathsOf({ request, route, params, isRemoteRequest }: EventLike): string[] | undefined {
  const path = webPath(request);
  // A form without JavaScript can call a remote function on the path of any page.
  const callsRemote = isRemoteRequest || new URL(request.url).searchParams.has("/remote");
  if (path === undefined || callsRemote) return undefined;
  const routed = spell(route?.id ?? null, params);
  const asked = path.replace(/(?:\/|\.html)__data\.json$/, "").replace(/\/$/, "") || "/";
  // The part before it is `paths.base`.
  const isRouted = routed === undefined || asked.endsWith(routed);
  return isRouted ? [path] : [path, routed];
}

/** The path of a route: its id without groups, and with the values of its parameters. */
function spell(id: string | null, params: EventLike["params"] = {}): string | undefined {
  if (id === null) return undefined;
  const segments = id.split("/").filter((segment) => !/^\(.*\)$/.test(segment));
  const spelt = segments.map((segment) =>
    segment.replace(
      /\[(?:[xu]\+([\da-f-]+)|\[?(?:\.\.\.)?(\w+)(?:=\w+)?\]?)\]/gi,
      (_, codes: string | undefined, name: string) =>
        codes === undefined
          ? String(params[name] ?? "")
          : String.fromCharCode(...codes.split("-").map((code) => Number.parseInt(code, 16))),
    ),
  );
  return `/${spelt.filter((segment) => segment !== "").join("/")}`;
}
