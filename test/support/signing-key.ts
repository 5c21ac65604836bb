import { webcrypto } from "node:crypto";
import type { Jwk } from "../../src/index.ts";

/** A key that Access might sign with, and tokens signed by it. */
export interface SigningKey {
  readonly jwk: Jwk;
  /** A token of a user of {@link TEAM}, good for {@link AUDIENCE}, unless the claims say otherwise. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export const TEAM = "acme";
export const AUDIENCE: string = "0".repeat(64);
/** When tokens are issued unless they say otherwise; ms since the epoch. */
export const ISSUED_AT = 1_700_000_000_000;

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const USER = { sub: "user-1", email: "user@example.com", type: "app" };

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const parameters = { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const { kty = "RSA", n = "", e = "" } = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    jwk: { kid, kty, alg: "RS256", use: "sig", n, e },
    async token(claims = {}, header = {}) {
      const iat = ISSUED_AT / 1000;
      const times = { iat, nbf: iat, exp: iat + 30 * 86_400 };
      const iss = `https://${TEAM}.cloudflareaccess.com`;
      const payload = { iss, aud: [AUDIENCE], ...USER, ...times, ...claims };
      const input = `${part({ alg: "RS256", kid, typ: "JWT", ...header })}.${part(payload)}`;
      const bytes = new TextEncoder().encode(input);
      const signature = await webcrypto.subtle.sign(RS256, pair.privateKey, bytes);
      return `${input}.${Buffer.from(signature).toString("base64url")}`;
    },
  };
}

/** The same token, but for one bit of its signature. */
export function forged(token: string): string {
  const at = token.lastIndexOf(".") + 1;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
