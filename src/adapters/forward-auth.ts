/**
 * An endpoint where a proxy checks each request: nginx `auth_request`, Caddy, Traefik, Envoy, HAProxy, the
 * Kubernetes Gateway API.
 *
 * @module postern/forward-auth
 */

import type { VerifiedAccessToken } from "../access/access-token.ts";
import { mistake, readOptions, tell } from "../caller-mistakes.ts";
import { createGate, type RequestVerifier } from "./gate.ts";
import { readHeader } from "./headers.ts";
import { type IdentityHeaders, identityFields } from "./identity-headers.ts";
import { type PublicPaths, webPath } from "./public-paths.ts";
import { rejectionOf, toResponse } from "./rejection.ts";

export type { RequestVerifier } from "./gate.ts";
export type { IdentityHeaders } from "./identity-headers.ts";
export type { PublicPaths } from "./public-paths.ts";

/** Options of the endpoint. */
export interface ForwardAuthOptions {
  /**
   * More identity headers, besides `X-Auth-Request-User`, `-Email`, `-Name` and `-Kind`. The value is a
   * fact (`id`, `email`, `name`, `kind`, `country`, `issuer`, `sub`, `exp`) or a path into the claims, such
   * as `{ "X-Groups": "custom.groups" }`.
   */
  headers?: IdentityHeaders | undefined;
  /** Paths that need no token. For these, all identity headers are empty. @defaultValue none */
  publicPaths?: PublicPaths | undefined;
  /**
   * The header in which the proxy sends the requested path. It is used only for `publicPaths`. The proxy
   * must set it itself. Without this option, the path is that of the request to this endpoint.
   */
  originalUriHeader?: string | undefined;
  /** Called for every refusal, with the reason. If it throws, nothing changes. */
  onReject?: ((error: Error, request: Request) => void) | undefined;
}

/**
 * Creates the endpoint to which a proxy sends each request before it lets it in. It takes any method. It
 * answers 200 with all identity headers, which are empty if there is no value, or else 401, 403, 503 or
 * 500, like the adapters. It never reads the query, `X-Forwarded-*` or `X-Original-URI`.
 *
 * If your own `check` throws, the error is logged and the answer is 500.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { forwardAuth } from "postern/forward-auth";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
 * Checks the name of the header with the original URI, and returns it in lower case.
 *
 * @throws {TypeError} when it is not the name of a header
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
