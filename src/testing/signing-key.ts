import { mistake } from "../caller-mistakes.ts";
import { decodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject } from "../encoding/json.ts";
import { importJwk } from "../keys/import-jwk.ts";
import { RS256, type VerifyCryptoKey } from "../keys/jwk.ts";
import type { Jwk } from "../keys/jwk-set.ts";
import { pem } from "../keys/pem.ts";
import { own } from "../own.ts";
import { type Bytes, selfSigned, spki, toHex } from "./der.ts";

/** A private RSA key as a JWK (RFC 7518 section 6.3.2). Anyone who has it can issue tokens. */
export interface PrivateJwk extends Jwk {
  readonly n: string;
  readonly e: string;
  readonly d: string;
}

/** A public key in the form of the certs endpoint. */
export interface PublicJwk extends Jwk {
  readonly kid: string;
  readonly n: string;
  readonly e: string;
}

/** An RSA key pair that signs tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly privateJwk: PrivateJwk;
  /** A self-signed certificate in PEM. Access publishes one with each key. */
  readonly certificate: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). */
  sign(input: Bytes): Promise<Bytes>;
}

/** The name in a key's certificate, and its start in ms since the epoch. */
export interface KeyFacts {
  readonly commonName: string;
  readonly createdAt: number;
}

const YEAR_MS = 365 * 86_400_000;
const PRIVATE = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/** Makes a new RSA key of 2048 bits. */
export async function createPrivateJwk(): Promise<PrivateJwk> {
  const algorithm = { ...RS256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return privateMembers(await crypto.subtle.exportKey("jwk", pair.privateKey));
}

/**
 * Imports a key pair from its private JWK.
 *
 * @throws {TypeError} (rejects) when it is not a private RSA key for RS256
 */
export async function importSigningKey(
  jwk: PrivateJwk,
  { commonName, createdAt }: KeyFacts,
): Promise<SigningKey> {
  const members = privateMembers(jwk);
  const { n, e } = members;
  // The public half must follow the same rules as any other key.
  await importJwk({ kty: "RSA", n, e });
  const der = spki(decoded(n), decoded(e));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", der));
  // A kid of Access is 64 hexadecimal digits. The digest gives each key the same kid every time.
  const kid = toHex(digest);
  const cryptoKey = await importPrivate(members, RS256);
  const sign = async (input: Bytes): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.sign(RS256.name, cryptoKey, input));
  // A serial number must be positive, so its first bit is not set (RFC 5280 section 4.1.2.2).
  const serial = Uint8Array.of(0x40, ...digest.subarray(0, 15));
  const validity = { notBefore: createdAt, notAfter: createdAt + YEAR_MS };
  const certificate = await selfSigned({ commonName, spki: der, serial, ...validity }, sign);
  return {
    kid,
    publicJwk: { kid, kty: "RSA", alg: "RS256", use: "sig", e, n },
    privateJwk: members,
    certificate: pem("CERTIFICATE", certificate),
    sign,
  };
}

/** Imports a private key for RS256, or for another algorithm in a hostile token. */
export function importPrivate(
  jwk: PrivateJwk,
  algorithm: { readonly name: string; readonly hash: string },
): Promise<VerifyCryptoKey> {
  return crypto.subtle.importKey("jwk", jwk as object, algorithm, false, ["sign"]);
}

/** Decodes a member that was checked before. */
export function decoded(text: string): Bytes {
  return decodeBase64Url(text) ?? new Uint8Array();
}

/** Keeps only the members that make the key. */
function privateMembers(jwk: unknown): PrivateJwk {
  const expected = "a private RSA key as a JWK, with n, e, d, p, q, dp, dq and qi";
  if (!isJsonObject(jwk) || own(jwk, "kty") !== "RSA") throw mistake("privateJwk", expected, jwk);
  const members = PRIVATE.map((name) => [name, own(jwk, name)] as const);
  if (members.some(([, value]) => typeof value !== "string")) {
    throw mistake("privateJwk", expected, jwk);
  }
  return { kty: "RSA", ...Object.fromEntries(members) } as unknown as PrivateJwk;
}
