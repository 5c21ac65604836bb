import { createHash } from "node:crypto";
import type { Jwk } from "../../src/index.ts";

/**
 * A public key under a kid. Nobody can sign with it: to whoever imports it, any odd number of 2048
 * bits is a modulus.
 *
 * @param material two keys of one kid differ by it
 */
export function publicJwk(kid: string, material: string = kid): Jwk {
  const n = createHash("shake256", { outputLength: 256 }).update(material).digest();
  n.writeUInt8(n.readUInt8(0) | 0x80, 0);
  n.writeUInt8(n.readUInt8(255) | 1, 255);
  return { kty: "RSA", kid, alg: "RS256", use: "sig", e: "AQAB", n: n.toString("base64url") };
}
