import { encodeBase64 } from "../encoding/base64url.ts";
import { importJwk } from "./import-jwk.ts";
import type { Jwk } from "./jwk-set.ts";

/**
 * An RSA public key as PEM, `-----BEGIN PUBLIC KEY-----` (SPKI, RFC 7468 section 13), for programs
 * that know no JWK.
 *
 * @throws {TypeError} (rejects) when the JWK is not an RS256 verification key
 *
 * @example
 * ```ts
 * import { jwkToPem, type JwkSet } from "postern";
 *
 * async function pemFiles(set: JwkSet): Promise<string> {
 *   return (await Promise.all(set.keys.map((jwk) => jwkToPem(jwk)))).join("");
 * }
 * ```
 */
export async function jwkToPem(jwk: Jwk): Promise<string> {
  // Imported first, so that a runtime without WebCrypto gets the error made for it.
  const key = await importJwk(jwk);
  const spki = await crypto.subtle.exportKey("spki", key);
  return pem("PUBLIC KEY", new Uint8Array(spki));
}

/** The textual encoding (RFC 7468 section 2), with a newline at its end. */
export function pem(label: string, der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
