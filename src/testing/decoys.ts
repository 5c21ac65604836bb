import { encodeBase64Url } from "../encoding/base64url.ts";
import type { Jwk } from "../keys/jwk-set.ts";
import { randomTag } from "./claims.ts";
import type { Bytes } from "./der.ts";

/**
 * Makes five keys that an RS256 verifier must not use, each for another reason. It should ignore them
 * (RFC 7517 section 5).
 */
export function createDecoys(): readonly Jwk[] {
  const e = "AQAB";
  const members: readonly Jwk[] = [
    // A valid point, because some libraries refuse the whole set for an invalid one (RFC 7517 appendix A.1).
    {
      kty: "EC",
      crv: "P-256",
      alg: "ES256",
      use: "sig",
      x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
      y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    },
    { kty: "RSA", use: "enc", e, n: modulus() },
    { kty: "RSA", alg: "PS256", use: "sig", e, n: modulus() },
    // A post-quantum key. Few libraries know this type.
    { kty: "AKP", alg: "ML-DSA-44", use: "sig", pub: random(1312) },
    { kty: "RSA", alg: "RS256", use: "sig", e, n: `${modulus()}==` },
  ];
  return members.map((jwk) => ({ kid: randomTag(), ...jwk }));
}

function random(bytes: number): string {
  return encodeBase64Url(randomBytes(bytes));
}

/** Any odd number of 2048 bits can be imported as a modulus. */
function modulus(): string {
  const bytes = randomBytes(256);
  bytes[0] = 0x80 | (bytes[0] ?? 0);
  bytes[255] = 1 | (bytes[255] ?? 0);
  return encodeBase64Url(bytes);
}

function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
