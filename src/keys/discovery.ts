import { mistake, readOptions, refuseWrapped } from "../caller-mistakes.ts";
import { KeySetError } from "../errors.ts";
import { secureUrl } from "../http/secure-url.ts";
import { own } from "../own.ts";
import { fetchJson, fetchKeySet } from "./fetch-key-set.ts";
import { createRemoteKeySet, type RemoteKeySet } from "./remote-key-set.ts";
import { REMOTE_OPTIONS, type RemoteKeySetOptions, settleOptions } from "./remote-options.ts";

/** How a discovered key set is fetched. The bounds hold for both documents together. */
export interface DiscoveryOptions extends Omit<RemoteKeySetOptions, "fetcher"> {
  /** Other origins that `jwks_uri` may be at, such as `"https://keys.example"`. */
  jwksOrigins?: readonly string[] | undefined;
}

/**
 * A remote key set found through OpenID Connect Discovery 1.0: each refresh reads
 * `<issuer>/.well-known/openid-configuration` and then its `jwks_uri`.
 *
 * @param issuer the issuer as configured, never as a token tells it; https, or a loopback host
 * @throws {TypeError | RangeError} for an option that is wrong, in one sentence
 *
 * @example
 * ```ts
 * import { createVerifier, discoverKeySet } from "postern";
 *
 * const issuer = "https://issuer.example";
 * const verifier = createVerifier({ issuer, audience: "my-api", keys: discoverKeySet(issuer) });
 * ```
 */
export function discoverKeySet(issuer: string | URL, given: DiscoveryOptions = {}): RemoteKeySet {
  const names = REMOTE_OPTIONS.filter((name) => name !== "fetcher");
  const read = readOptions<DiscoveryOptions>(given, [...names, "jwksOrigins"]);
  const { jwksOrigins = [], ...options } = read;
  const { fetchBounds } = settleOptions(options);
  const named = typeof issuer === "string" ? issuer : String(issuer).replace(/\/$/, "");
  refuseWrapped("issuer", named, false);
  const base = secureUrl("issuer", named);
  if (!Array.isArray(jwksOrigins)) throw mistake("jwksOrigins", "an array of origins", jwksOrigins);
  const origins = [base, ...jwksOrigins.map((origin) => secureUrl("jwksOrigins", origin))];
  const allowed = origins.map(({ origin }) => origin);
  const url = `${named.replace(/\/$/, "")}/.well-known/openid-configuration`;
  let lastUri: string | undefined;
  return createRemoteKeySet(url, {
    ...options,
    async fetcher(request) {
      const bounds = { ...fetchBounds, signal: request.signal };
      const { json: document = {} } = await fetchJson(url, {}, bounds);
      // A document of another issuer is not the one asked for (Discovery 1.0, section 4.3).
      const isIssuer = own(document, "issuer") === named;
      const jwksUri = isIssuer ? jwksUriOf(own(document, "jwks_uri"), allowed) : undefined;
      if (jwksUri === undefined) throw new KeySetError("discovery_mismatch", { url });
      // A validator means nothing to another resource (RFC 9110 section 8.8.3).
      const etag = jwksUri === lastUri ? request.etag : undefined;
      const fetched = await fetchKeySet({ ...request, url: jwksUri, etag }, fetchBounds);
      lastUri = jwksUri;
      return fetched;
    },
  });
}

function jwksUriOf(value: unknown, allowed: readonly string[]): string | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const url = secureUrl("jwks_uri", value);
    return allowed.includes(url.origin) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
