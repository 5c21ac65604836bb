import type { Jwk } from "../../src/index.ts";
import { createSigner, NOW, userClaims } from "./issuer.ts";

/** A key that Access might sign with, and tokens signed by it that are valid throughout a test. */
export interface SigningKey {
  readonly jwk: Jwk;
  /** A user's token, unless the claims say otherwise. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { jwk, token } = await createSigner(kid);
  const exp = NOW + 30 * 86_400;
  return {
    jwk,
    token: (claims, header) => token(userClaims({ exp, ...claims }), header),
  };
}

/** The same token with one bit of its signature changed. */
export function forged(token: string): string {
  const at = token.lastIndexOf(".") + 1;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}
