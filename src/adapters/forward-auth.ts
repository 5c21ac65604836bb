/**
 * Answers the question of a proxy whether a request may go on: nginx `auth_request`, Caddy, Traefik,
 * Envoy, HAProxy, the Kubernetes Gateway API.
 *
 * @module postern/forward-auth
 */

import type { VerifiedAccessToken } from "../access/access-token.ts";
import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { createGate, type RequestVerifier, tell } from "./gate.ts";
import { readHeader } from "./headers.ts";
import { type IdentityHeaders, identityFields } from "./identity-headers.ts";
import { type PublicPaths, webPath } from "./public-paths.ts";
import { rejectionOf, toResponse } from "./rejection.ts";

export type { RequestVerifier } from "./gate.ts";
export type { IdentityHeaders } from "./identity-headers.ts";
export type { PublicPaths } from "./public-paths.ts";

/** What the endpoint can be told. */
export interface ForwardAuthOptions {
  /**
   * Headers of an answer that lets a request in, besides `X-Auth-Request-User`, `-Email`, `-Name` and
   * `-Kind`: each has a fact (`id`, `email`, `name`, `kind`, `country`, `issuer`, `sub`, `exp`) or a path
   * into the claims, `{ "X-Groups": "custom.groups" }`. None
   */
  headers?: IdentityHeaders | undefined;
  /** Paths that need no token; their answers have every identity header, empty. None */
  publicPaths?: PublicPaths | undefined;
  /**
   * The one header in which the proxy says which path was asked for: for `publicPaths` only. The proxy
   * must set it itself. Without it the path is that of the request to this endpoint.
   */
  originalUriHeader?: string | undefined;
  /** Is called for every refusal, with the reason. What it throws changes nothing. */
  onReject?: ((error: Error, request: Request) => void) | undefined;
}

/**
 * Makes the endpoint that a proxy asks before it lets a request in. It takes any method, and answers
 * exactly 200 with every identity header, empty where there is nothing to say; else 401, 403, 503 or 500
 * as the adapters do. It reads nothing from the query, from `X-Forwarded-*` or from `X-Original-URI`.
 *
 * An exception of your own `check` is answered 500 and logged.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { forwardAuth } from "postern/forward-auth";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * export default { fetch: forwardAuth(verifier, { headers: { "X-WEBAUTH-USER": "email" } }) };
 * ```
 */
export function forwardAuth(
  verifier: RequestVerifier<VerifiedAccessToken>,
  options: ForwardAuthOptions = {},
): (request: Request) => Promise<Response> {
  const { headers, publicPaths, originalUriHeader, onReject } = readOptions<ForwardAuthOptions>(
    options,
    ["headers", "publicPaths", "originalUriHeader", "onReject"],
  );
  functionOptions({ onReject }, ["onReject"]);
  const header = headerName(originalUriHeader);
  const identity = identityFields(headers);
  const gate = createGate<VerifiedAccessToken, Request>(verifier, { publicPaths, onReject });
  return async (request) => {
    const path =
      header === undefined
        ? webPath(request)
        : readHeader(request.headers, header)?.split("?", 1)[0];
    let { access, rejection } = await gate(request, path);
    if (rejection === undefined) {
      try {
        return allowed(identity.names, identity.values(access));
      } catch (error) {
        rejection = rejectionOf(error, request.headers.get("accept"));
        tell(() => onReject?.(rejection?.error as Error, request));
      }
    }
    if (rejection.isFault) console.error(rejection.error);
    return toResponse(rejection);
  };
}

/**
 * The name of the header with the original URI, in lower case.
 *
 * @throws {TypeError} for what is no name of a header
 */
export function headerName(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !/^[\w-]{1,128}$/.test(value)) {
    throw mistake("originalUriHeader", "the name of a header", value);
  }
  return value.toLowerCase();
}

function allowed(names: readonly string[], values: readonly string[]): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const [at, name] of names.entries()) headers.set(name, values[at] ?? "");
  return new Response(null, { status: 200, headers });
}
