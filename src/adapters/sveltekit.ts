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

/** What the guard of a SvelteKit application can be told. */
export interface SvelteKitOptions extends AccessOptions<Request> {
  /**
   * Answers itself, or throws `error()`, which shows the application's own error page but cannot carry
   * `WWW-Authenticate`, `Retry-After` or `Cache-Control`. `"response"`
   */
  refuseWith?: "response" | "error" | undefined;
}

/**
 * A `handle` for SvelteKit 2 and 3 (`src/hooks.server.ts`): puts the verified token at
 * `event.locals.access`; an exception of your own `check` is thrown as it is. What is prerendered or
 * static is served without asking any `handle`.
 *
 * A path that a `reroute` hook leads to another route is public only where that route's own path is too.
 * A remote function is never public: `?/remote=id` would run it on any path.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { requireAccess } from "postern/sveltekit";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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

/** On Workers the platform holds their context. */
function waitUntilOf({ platform }: EventLike): ((promise: Promise<unknown>) => void) | undefined {
  const context = (platform as { ctx?: { waitUntil(promise: Promise<unknown>): void } } | undefined)
    ?.ctx;
  return context && ((promise) => context.waitUntil(promise));
}

/**
 * The paths that must be public: that of the request, and where `reroute` has led it to another route,
 * that of the route. Not `event.url`: for a remote function that is what the client says it is.
 */
function pathsOf({ request, route, params, isRemoteRequest }: EventLike): string[] | undefined {
  const path = webPath(request);
  // A form without JavaScript calls a remote function on the path of any page.
  const callsRemote = isRemoteRequest || new URL(request.url).searchParams.has("/remote");
  if (path === undefined || callsRemote) return undefined;
  const routed = spell(route?.id ?? null, params);
  const asked = path.replace(/(?:\/|\.html)__data\.json$/, "").replace(/\/$/, "") || "/";
  // What comes before is `paths.base`.
  const isRouted = routed === "/" ? asked === "/" : routed === undefined || asked.endsWith(routed);
  return isRouted ? [path] : [path, routed as string];
}

/** The path of a route: its id without groups, with what its parameters are. */
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
