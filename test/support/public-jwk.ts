import { createHash } from "node:crypto";
import type { Jwk } from "../../src/index.ts";

/**
 * A public key under a kid. It has no private key: an import takes any odd number of its length as
 * a modulus.
 * @param material two keys of one kid differ by it
 */
export function publicJwk(kid: string, material: string = kid, bits = 2048): Jwk {
  const outputLength = bits / 8;
  const n = createHash("shake256", { outputLength }).update(material).digest();
  n.writeUInt8(n.readUInt8(0) | 0x80, 0);
  n.writeUInt8(n.readUInt8(outputLength - 1) | 1, outputLength - 1);
  return { kty: "RSA", kid, alg: "RS256", use: "sig", e: "AQAB", n: n.toString("base64url") };
}
