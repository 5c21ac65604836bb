import type { Jwk } from "../../src/index.ts";

/** The instant at which these tests take place, in seconds and in ms since the epoch. */
export const NOW = 1_700_000_000;
export const now = (): number => NOW * 1000;

export const TEAM = "https://acme.cloudflareaccess.com";
export const ISSUER = "https://issuer.example";
export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

type Claims = { [claim: string]: unknown };

/** The claims of a user's application token from Access. */
export function userClaims(claims: Claims = {}): Claims {
  return {
    aud: [AUDIENCE],
    email: "kim@acme.example",
    exp: NOW + 3600,
    iat: NOW - 60,
    nbf: NOW - 60,
    iss: TEAM,
    type: "app",
    identity_nonce: "6ei69kawdKzMIAPF",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    country: "PT",
    ...claims,
  };
}

/** The claims of a service's application token from Access. */
export function serviceClaims(claims: Claims = {}): Claims {
  const common_name = "f4c3b2a1.access";
  const [iat, exp] = [NOW - 60, NOW + 3600];
  return { type: "app", aud: AUDIENCE, exp, iat, iss: TEAM, common_name, sub: "", ...claims };
}

/** The claims of an access token from any other issuer. */
export function apiClaims(claims: Claims = {}): Claims {
  return { iss: ISSUER, aud: AUDIENCE, sub: "client-7", exp: NOW + 3600, iat: NOW - 60, ...claims };
}

/** A part of a token: bytes and strings as they are, anything else as JSON. */
export function part(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64url");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return Buffer.from(text).toString("base64url");
}

type PrivateKey = Parameters<typeof crypto.subtle.sign>[1];

/** A key pair that signs any input. */
export interface Signer {
  readonly kid: string;
  readonly jwk: Jwk;
  readonly privateKey: PrivateKey;
  /** The payload, and what is to be added to `{ alg, kid, typ }`; `undefined` takes a member away. */
  token(payload: unknown, header?: Claims): Promise<string>;
  /** Header and payload each exactly as spelt: bytes, or a string of JSON. */
  spelt(header: Uint8Array | string, payload: Uint8Array | string): Promise<string>;
}

const RS256 = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

export async function createSigner(kid = "key-1", hash = "SHA-256"): Promise<Signer> {
  const { subtle } = crypto;
  const pair = await subtle.generateKey({ ...RS256, hash }, true, ["sign", "verify"]);
  const { privateKey } = pair;
  const { n, e } = await subtle.exportKey("jwk", pair.publicKey);
  const jwk = { kid, kty: "RSA", alg: "RS256", use: "sig", n, e };

  async function spelt(header: Uint8Array | string, payload: Uint8Array | string): Promise<string> {
    const input = `${part(header)}.${part(payload)}`;
    const bytes = new TextEncoder().encode(input);
    const signature = await subtle.sign(RS256.name, privateKey, bytes);
    return `${input}.${part(new Uint8Array(signature))}`;
  }

  return {
    kid,
    jwk,
    privateKey,
    spelt,
    token: (payload, header = {}) =>
      spelt(
        JSON.stringify({ alg: "RS256", kid, typ: "JWT", ...header }),
        JSON.stringify(payload) as string,
      ),
  };
}

/** What a promise was rejected with. A fulfilled promise is a failure. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const kept = Symbol("kept");
  const outcome = await promise.then(
    () => kept,
    (error: unknown) => error,
  );
  if (outcome === kept) throw new Error("expected a rejection, but the promise was fulfilled");
  return outcome;
}
