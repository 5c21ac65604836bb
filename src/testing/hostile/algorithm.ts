import { encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart, seal } from "../compact.ts";
import type { Bytes } from "../der.ts";
import { importPrivate, type SigningKey } from "../signing-key.ts";
import { type Attacks, type Forge, type HostileToken, partsOf, withMembers } from "./forge.ts";

/** Tokens whose algorithm must not be believed (RFC 8725 sections 2.1 and 3.1). */
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
    why: "It is not signed: anyone can write it. Unsecured tokens must not be accepted unless the application asks for them (RFC 7518 section 3.6, RFC 8725 section 2.1).",
  };
  for (const alg of ["None", "NONE", "nOnE"]) {
    yield {
      name: `alg-none-spelled-${alg}`,
      token: bare(alg),
      why: 'It is not signed. A guard lets it in if it forbids exactly "none" but ignores case elsewhere. Algorithm names are case-sensitive (RFC 7515 section 4.1.1).',
    };
  }
  yield {
    name: "alg-none-with-signature",
    token: `${bare("none")}${partsOf(genuine)[2]}`,
    why: "The header says that it is not signed, and the signature comes from another token. An unsecured token has an empty signature (RFC 7518 section 3.6).",
  };
  yield {
    name: "alg-none-behind-rs256",
    token: `${encodePart(withMembers(header, '"alg":"none"'))}.${encodePart(claims)}.`,
    why: "The header has alg twice, first RS256 and then none. A guard must reject duplicates or use the last one (RFC 7515 section 4). In both cases it is not signed.",
  };
}

async function* malformedNames(forge: Forge): AsyncGenerator<HostileToken, void, void> {
  const { header, claims, key, signed } = forge;
  const names: readonly (readonly [name: string, alg: unknown, what: string])[] = [
    ["missing", undefined, "The header names no algorithm"],
    ["empty", "", "The algorithm's name is empty"],
    ["null", null, "The algorithm is null"],
    ["true", true, "The algorithm is a boolean, which passes a test for truthiness"],
    [
      "array",
      ["RS256"],
      "The algorithm is an array, which some languages convert to its only item",
    ],
    ["object", { name: "RS256" }, "The algorithm is an object"],
    ["lower-case", "rs256", "The algorithm is in lower case, and names are case-sensitive"],
    ["trailing-space", "RS256 ", "The algorithm's name ends with a space, so it is another name"],
  ];
  for (const [name, alg, what] of names) {
    yield {
      name: `alg-${name}`,
      token: await signed(claims, { alg }),
      why: `${what}. alg is a required, case-sensitive string, and must be one that the guard expects (RFC 7515 section 4.1.1, RFC 8725 section 3.1).`,
    };
  }
  const inherited = withMembers({ ...header, alg: undefined }, '"__proto__":{"alg":"RS256"}');
  yield {
    name: "alg-inherited",
    token: await seal(inherited, claims, key.sign),
    why: "The header has its algorithm only inside a member __proto__, which some programs use as the object's prototype: alg itself is missing, and it is required (RFC 7515 section 4.1.1).",
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
      why: `The issuer's key signed it, but with ${alg}. A key is for one algorithm, and the JWK of this key says RS256 (RFC 8725 section 3.1, RFC 7517 section 4.4).`,
    };
  }
  for (const [alg, scheme, hash] of others) {
    yield {
      name: `alg-rs256-signed-as-${alg.toLowerCase()}`,
      token: await seal(header, claims, signAs(key, scheme, hash)),
      why: `The header says RS256, but the signature is ${alg}: it must not verify with SHA-256 and PKCS #1 v1.5 (RFC 7518 section 3.3, RFC 8017 section 8.2.2).`,
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
    why: "An elliptic curve signature, valid for a key that the attacker put into the header. Neither the algorithm nor the key is the issuer's (RFC 8725 section 3.1, RFC 7515 section 4.1.3).",
  };
  yield {
    name: "alg-es256-zero-signature",
    token: await seal({ ...header, alg: "ES256" }, claims, zeros),
    why: "An elliptic curve signature of zeros, which one library accepted for every key (CVE-2022-21449). The issuer signs only with RSA (RFC 8725 section 3.1).",
  };
  yield {
    name: "alg-eddsa",
    token: await seal({ ...header, alg: "EdDSA" }, claims, zeros),
    why: "Its alg is EdDSA, but the issuer signs only with RSA: alg must match the key (RFC 8725 section 3.1, RFC 8037 section 3.1).",
  };
  yield {
    name: "alg-unknown",
    token: `${encodePart({ ...header, alg: "RS0" })}.${encodePart(claims)}.${encodeBase64Url(new Uint8Array(256))}`,
    why: "Its alg does not exist: a guard must refuse an algorithm that it does not know, never skip the check (RFC 7515 section 5.2).",
  };
}

/** Signs with the issuer's key, but with an algorithm that the issuer never uses. */
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
