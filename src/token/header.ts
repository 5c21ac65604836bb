import type { JsonObject } from "../encoding/json.ts";
import { hasOwn, own } from "../own.ts";
import { TokenError } from "../token-error.ts";
import type { JwtHeader } from "./types.ts";

/** The rules for a header. */
export interface HeaderPolicy {
  /** The media types that `typ` may name, in lower case (RFC 8725 section 3.11). */
  readonly acceptedHeaderTypes: readonly string[];
  /** Whether a header without `typ` is refused, as RFC 9068 section 4 asks for. */
  readonly requireHeaderType: boolean;
}

/** Parameters that ask for processing we do not do: understanding them is not optional. */
export const UNSUPPORTED: readonly string[] = [
  "crit", // extensions that must be understood (RFC 7515 section 4.1.11)
  "b64", // an unencoded payload (RFC 7797)
  "enc", // encryption (RFC 7516 section 4.1.2)
  "zip", // compression (RFC 7516 section 4.1.3)
];

/**
 * Checks a header against the policy. It never chooses anything: `alg` is compared with the one allowed
 * algorithm (RFC 8725 section 3.1), and `jwk`, `jku`, `x5u` and `x5c` are never read.
 *
 * @throws {TokenError} `algorithm_not_allowed`, `header_unsupported` or `token_malformed`
 */
export function checkHeader(
  header: JsonObject,
  { acceptedHeaderTypes: acceptedTypes, requireHeaderType }: HeaderPolicy,
): JwtHeader {
  const alg = own(header, "alg");
  if (alg !== "RS256") {
    throw new TokenError("algorithm_not_allowed", { expected: "RS256", actual: alg });
  }
  const kid = own(header, "kid");
  if (kid !== undefined && typeof kid !== "string") {
    throw new TokenError("token_malformed", { part: "header" });
  }
  for (const parameter of UNSUPPORTED) {
    if (hasOwn(header, parameter)) throw unsupported(parameter);
  }
  const typ = own(header, "typ");
  if (typ === undefined ? requireHeaderType : !acceptedTypes.includes(mediaType(typ))) {
    throw unsupported("typ", acceptedTypes);
  }
  const cty = own(header, "cty");
  // A nested token (RFC 7519 section 5.2): the inner one was not checked.
  if (cty !== undefined && ["jwt", ""].includes(mediaType(cty))) throw unsupported("cty");
  return header as JwtHeader;
}

/**
 * A media type in the short form of headers: lower case, and without `application/` where no other slash
 * follows (RFC 7515 section 4.1.9). A value that is not a string becomes "", which is never accepted.
 */
export function mediaType(value: unknown): string {
  return typeof value === "string"
    ? value.toLowerCase().replace(/^application\/(?=[^/]*$)/, "")
    : "";
}

function unsupported(claim: string, expected?: readonly string[]): TokenError {
  return new TokenError("header_unsupported", { claim, expected });
}
