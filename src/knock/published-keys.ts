import { isJsonObject } from "../encoding/json.ts";
import { readJwk } from "../keys/jwk.ts";
import { own } from "../own.ts";
import type { PublicJwk, SigningKey } from "../testing/signing-key.ts";

/** The team's keys as the makers of hostile tokens take them, without the private half. */
export function publishedKeys(certs: unknown): SigningKey[] {
  const keys = isJsonObject(certs) ? own(certs, "keys") : undefined;
  if (!Array.isArray(keys)) return [];
  const certificates = own(certs as object, "public_certs");
  return keys
    .filter((jwk) => typeof readJwk(jwk) !== "string" && typeof own(jwk, "kid") === "string")
    .slice(0, 2)
    .map((jwk: PublicJwk) => publicKey(jwk, certificateOf(certificates, jwk.kid)));
}

function publicKey(jwk: PublicJwk, certificate: string): SigningKey {
  const sign = (): never => {
    throw new TypeError("there is no private key");
  };
  return { kid: jwk.kid, publicJwk: jwk, privateJwk: undefined as never, certificate, sign };
}

function certificateOf(certificates: unknown, kid: string): string {
  const list: unknown[] = Array.isArray(certificates) ? certificates : [];
  const found = list.find((entry) => isJsonObject(entry) && own(entry, "kid") === kid);
  const cert = found === undefined ? undefined : own(found as object, "cert");
  return typeof cert === "string" && cert !== "" ? cert : "no certificate";
}

/** A kid of the right shape, where the team's own are not available. */
export function standIn(attacker: SigningKey): SigningKey {
  const kid = [...attacker.kid].reverse().join("");
  return publicKey({ ...attacker.publicJwk, kid }, attacker.certificate);
}
