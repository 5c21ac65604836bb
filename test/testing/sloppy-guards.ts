import { createHmac, createPublicKey, createVerify, type KeyObject, verify } from "node:crypto";
import type { Jwk } from "../../src/index.ts";
import type { TestIssuer } from "../../src/testing/index.ts";

type Json = Record<string, unknown>;

/** A typical handwritten guard: whether it accepts the token. */
export type Guard = (token: string) => boolean;

/** The steps of a guard; a sloppy one gets a single step wrong. */
export interface Steps {
  split(token: string): string[];
  parse(part: string): Json;
  decode(part: string): Buffer;
  isAllowed(header: Json): boolean;
  keys(header: Json): KeyObject[];
  isSigned(input: string, signature: Buffer, key: KeyObject, header: Json): boolean;
  isIssuer(iss: unknown): boolean;
  isAudience(aud: unknown): boolean;
  isInTime(claims: Json): boolean;
  isKind(claims: Json, header: Json): boolean;
}

/** Steps that are right, or nearly: a sloppy guard replaces the strict parts. */
export function carefulSteps({ issuer, audience, jwks }: TestIssuer): Steps {
  const usable = jwks().keys.filter(
    ({ kty, alg, n }) => `${kty} ${alg}` === "RSA RS256" && !n.endsWith("="),
  );
  const published = usable.map((jwk) => ({ kid: jwk.kid, key: keyOf(jwk) }));
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    split: (token) => token.split("."),
    parse(part) {
      const value: unknown = JSON.parse(utf8.decode(this.decode(part)));
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error();
      return value as Json;
    },
    decode(part) {
      const bytes = Buffer.from(part, "base64url");
      if (bytes.toString("base64url") !== part) throw new Error();
      return bytes;
    },
    isAllowed: ({ alg, crit, b64, enc, zip, cty }) =>
      alg === "RS256" && [crit, b64, enc, zip, cty].every((value) => value === undefined),
    keys: ({ kid }) =>
      published.filter((key) => kid === undefined || key.kid === kid).map(({ key }) => key),
    isSigned: (input, signature, key) => verify("sha256", Buffer.from(input), key, signature),
    isIssuer: (iss) => iss === issuer,
    isAudience: (aud) =>
      [aud].flat().every((tag) => typeof tag === "string") && [aud].flat().includes(audience),
    isInTime({ exp, nbf, iat }) {
      const now = Date.now() / 1000;
      const from = (value: unknown): boolean =>
        value === undefined || (Number.isFinite(value) && (value as number) <= now + 60);
      return Number.isFinite(exp) && now < (exp as number) + 60 && from(nbf) && from(iat);
    },
    isKind: ({ type }, { typ }) =>
      type === "app" && (typ === undefined || /^(application\/)?jwt$/i.test(String(typ))),
  };
}

export function guardOf(steps: Steps): Guard {
  return (token) => {
    try {
      const parts = steps.split(token);
      const [first = "", second = "", third = ""] = parts;
      if (parts.length !== 3) return false;
      const header = steps.parse(first);
      const claims = steps.parse(second);
      const signature = steps.decode(third);
      return (
        steps.isAllowed(header) &&
        steps
          .keys(header)
          .some((key) => steps.isSigned(`${first}.${second}`, signature, key, header)) &&
        steps.isIssuer(claims["iss"]) &&
        steps.isAudience(claims["aud"]) &&
        steps.isInTime(claims) &&
        steps.isKind(claims, header)
      );
    } catch {
      return false;
    }
  };
}

export function keyOf(jwk: Jwk): KeyObject {
  return createPublicKey({ key: jwk as never, format: "jwk" });
}

export function hmacSigned(input: string, signature: Buffer, secret: string | Buffer): boolean {
  return createHmac("sha256", secret).update(input).digest().equals(signature);
}

export function rsaSigned(hash: string, input: string, signature: Buffer, key: KeyObject): boolean {
  return createVerify(hash).update(input).verify(key, signature);
}
