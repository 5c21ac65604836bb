import { importJwk, type Jwk } from "./jwk.ts";

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
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", await importJwk(jwk)));
  const lines = btoa(String.fromCharCode(...spki)).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}
