import { mistake } from "../caller-mistakes.ts";
import { encodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject } from "../encoding/json.ts";
import {
  importMembers,
  type ReadJwk,
  readJwk,
  requireSubtle,
  type VerifyCryptoKey,
} from "./jwk.ts";
import type { Jwk } from "./jwk-set.ts";

/**
 * Imports an RSA public key for RS256 verification. Of the JWK, only `n` and `e` are used.
 *
 * @param jwk a public JWK (RFC 7517) with a modulus of 2048 to 8192 bits
 * @throws {TypeError} (rejects) in one sentence, when it is not such a key
 *
 * @example
 * ```ts
 * import { importJwk, type Jwk } from "postern";
 *
 * async function bits(jwk: Jwk): Promise<string> {
 *   return (await importJwk(jwk)).type;
 * }
 * ```
 */
export async function importJwk(jwk: Jwk): Promise<VerifyCryptoKey> {
  return importMembers(members(jwk));
}

/**
 * The thumbprint of an RSA public key, SHA-256, base64url (RFC 7638).
 *
 * @throws {TypeError} (rejects) when the JWK is not an RS256 verification key
 *
 * @example
 * ```ts
 * import { jwkThumbprint, type JwkSet } from "postern";
 *
 * async function thumbprints(set: JwkSet): Promise<string[]> {
 *   return Promise.all(set.keys.map((jwk) => jwkThumbprint(jwk)));
 * }
 * ```
 */
export async function jwkThumbprint(jwk: Jwk): Promise<string> {
  const { n, e } = members(jwk);
  requireSubtle();
  // The required members only, in lexicographic order, without white space (RFC 7638 section 3).
  const bytes = new TextEncoder().encode(JSON.stringify({ e, kty: "RSA", n }));
  return encodeBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function members(jwk: unknown): ReadJwk {
  const read = readJwk(jwk);
  if (typeof read !== "string") return read;
  if (!isJsonObject(jwk)) throw mistake("jwk", "an RSA public key for RS256", jwk);
  throw new TypeError(`jwk must be an RSA public key for RS256: ${read}`);
}
