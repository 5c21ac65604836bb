import { encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart, seal } from "../compact.ts";
import type { Bytes } from "../der.ts";
import { importPrivate, type SigningKey } from "../signing-key.ts";
import { type Attacks, type Forge, type HostileToken, partsOf, withMembers } from "./forge.ts";

/** The token's own word about how to check it (RFC 8725 sections 2.1 and 3.1). */
export const algorithmAttacks: Attacks = async function* (forge) {
  yield* unsigned(forge);
  yield* malformedNames(forge);
  yield* otherRsaAlgorithms(forge);
  yield* otherKeyTypes(forge);
};

async function* unsigned(forge: Forge): AsyncGenerator<HostileToken, void, void> {
  const { header, claims, genuine } = forge;
  const bare = (alg: string): string =>
    `${encodePart({ ...header, alg })}.${encodePart({ ...claims, email: "admin@example.com" })}.`;
  yield {
    name: "alg-none",
    token: bare("none"),
    why: "It is not signed at all: anyone can write it. Unsecured tokens must not be accepted unless the application asks for them (RFC 7518 section 3.6, RFC 8725 section 2.1).",
  };
  for (const alg of ["None", "NONE", "nOnE"]) {
    yield {
      name: `alg-none-spelled-${alg}`,
      token: bare(alg),
      why: 'It is not signed at all; a guard that forbids exactly "none" but compares without case elsewhere lets it in. Algorithm names have a case (RFC 7515 section 4.1.1).',
    };
  }
  yield {
    name: "alg-none-with-signature",
    token: `${bare("none")}${partsOf(genuine)[2]}`,
    why: "The header says that nothing is signed; the signature is another token's, there to look complete (RFC 7518 section 3.6: an unsecured token's is empty).",
  };
  yield {
    name: "alg-none-behind-rs256",
    token: `${encodePart(withMembers(header, '"alg":"none"'))}.${encodePart(claims)}.`,
    why: "The header names alg twice, RS256 first and none last. Duplicates must be rejected or the last one taken (RFC 7515 section 4); either way nothing is signed.",
  };
}

async function* malformedNames(forge: Forge): AsyncGenerator<HostileToken, void, void> {
  const { header, claims, key, signed } = forge;
  const names: readonly (readonly [name: string, alg: unknown, what: string])[] = [
    ["missing", undefined, "The header names no algorithm"],
    ["empty", "", "The algorithm's name is empty"],
    ["null", null, "The algorithm is null"],
    ["true", true, "The algorithm is a boolean, which a truthiness test takes for a name"],
    ["array", ["RS256"], "The algorithm is an array, which some languages turn into its only item"],
    ["object", { name: "RS256" }, "The algorithm is an object"],
    ["lower-case", "rs256", "The algorithm is spelled in lower case, and names have a case"],
    ["trailing-space", "RS256 ", "The algorithm's name has a space behind, and is another name"],
  ];
  for (const [name, alg, what] of names) {
    yield {
      name: `alg-${name}`,
      token: await signed(claims, { alg }),
      why: `${what}: alg is required, a case-sensitive string, and must be one that the guard is configured to expect (RFC 7515 section 4.1.1, RFC 8725 section 3.1).`,
    };
  }
  const inherited = withMembers({ ...header, alg: undefined }, '"__proto__":{"alg":"RS256"}');
  yield {
    name: "alg-inherited",
    token: await seal(inherited, claims, key.sign),
    why: "The header names an algorithm only in a member __proto__, which some programs turn into the object's prototype: it names none, and it must (RFC 7515 section 4.1.1).",
  };
}

async function* otherRsaAlgorithms(forge: Forge): AsyncGenerator<HostileToken, void, void> {
  const { header, claims, key } = forge;
  const others = [
    ["RS384", "RSASSA-PKCS1-v1_5", "SHA-384"],
    ["RS512", "RSASSA-PKCS1-v1_5", "SHA-512"],
    ["PS256", "RSA-PSS", "SHA-256"],
    ["PS512", "RSA-PSS", "SHA-512"],
  ] as const;
  for (const [alg, scheme, hash] of others) {
    const sign = signAs(key, scheme, hash);
    yield {
      name: `alg-${alg.toLowerCase()}`,
      token: await seal({ ...header, alg }, claims, sign),
      why: `The issuer's key did sign it, but as ${alg}. A key is for one algorithm, and this one's JWK says RS256 (RFC 8725 section 3.1, RFC 7517 section 4.4).`,
    };
  }
  for (const [alg, scheme, hash] of others) {
    yield {
      name: `alg-rs256-signed-as-${alg.toLowerCase()}`,
      token: await seal(header, claims, signAs(key, scheme, hash)),
      why: `The header says RS256, the signature is ${alg}: it must not verify with SHA-256 and PKCS #1 v1.5 (RFC 7518 section 3.3, RFC 8017 section 8.2.2).`,
    };
  }
}

async function* otherKeyTypes(forge: Forge): AsyncGenerator<HostileToken, void, void> {
  const { header, claims } = forge;
  const zeros = async (): Promise<Bytes> => new Uint8Array(64);
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const es256 = { ...header, alg: "ES256", jwk: { kty, crv, x, y } };
  yield {
    name: "alg-es256-embedded-key",
    token: await seal(es256, claims, async (input) => {
      const how = { name: "ECDSA", hash: "SHA-256" };
      return new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, input));
    }),
    why: "An elliptic curve signature, correct under a key that the attacker put into the header. Neither the algorithm nor the key is the issuer's (RFC 8725 section 3.1, RFC 7515 section 4.1.3).",
  };
  yield {
    name: "alg-es256-zero-signature",
    token: await seal({ ...header, alg: "ES256" }, claims, zeros),
    why: "An elliptic curve signature of zeros, which once passed under every key (CVE-2022-21449); the issuer signs with RSA only (RFC 8725 section 3.1).",
  };
  yield {
    name: "alg-eddsa",
    token: await seal({ ...header, alg: "EdDSA" }, claims, zeros),
    why: "It asks for EdDSA, and the issuer signs with RSA only: alg must match the key (RFC 8725 section 3.1, RFC 8037 section 3.1).",
  };
  yield {
    name: "alg-unknown",
    token: `${encodePart({ ...header, alg: "RS0" })}.${encodePart(claims)}.${encodeBase64Url(new Uint8Array(256))}`,
    why: "It asks for an algorithm that does not exist: what is not understood must be refused, never skipped (RFC 7515 section 5.2).",
  };
}

/** A signature by the issuer's key that it would never make. */
function signAs(
  { privateJwk }: SigningKey,
  name: string,
  hash: string,
): (input: Bytes) => Promise<Bytes> {
  // The salt is as long as the hash (RFC 7518 section 3.5).
  const saltLength = hash === "SHA-512" ? 64 : 32;
  return async (input) => {
    const key = await importPrivate(privateJwk, { name, hash });
    return new Uint8Array(await crypto.subtle.sign({ name, saltLength } as never, key, input));
  };
}
