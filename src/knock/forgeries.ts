import { encodeBase64Url } from "../encoding/base64url.ts";
import { type ClaimOverrides, serviceClaims, userClaims } from "../testing/claims.ts";
import { encodePart, seal } from "../testing/compact.ts";
import { algorithmAttacks } from "../testing/hostile/algorithm.ts";
import { type Forge, type HostileToken, partsOf } from "../testing/hostile/forge.ts";
import { keyAttacks } from "../testing/hostile/key.ts";
import { createPrivateJwk, importSigningKey, type SigningKey } from "../testing/signing-key.ts";
import { fetchable, secrets } from "./chosen-keys.ts";
import { publishedKeys, standIn } from "./published-keys.ts";
import type { Making, Victim } from "./victim.ts";

/** Every forgery, and the two that are also tried in other places than the assertion header. */
export interface Forgeries {
  readonly all: readonly HostileToken[];
  readonly stranger: string;
  readonly unsigned: string;
}

/** Old enough that a correct guard does not wait to fetch a newer key. */
const AGE_SECONDS = 600;
const HOUR = 3600;
/** The usual length of a session. */
const DAY = 24 * HOUR;

/** Made once, because all forgeries can use the same attacker's key. */
let attackersKey: Promise<SigningKey> | undefined;

function createAttacker(): Promise<SigningKey> {
  attackersKey ??= createPrivateJwk().then((jwk) =>
    importSigningKey(jwk, { commonName: "attacker.example", createdAt: Date.now() }),
  );
  return attackersKey;
}

/** Makes tokens with the right team, audience and times that the team never signed. */
export async function forge(victim: Victim): Promise<Forgeries> {
  const { issuer, audience, now, email } = victim;
  const attacker = await createAttacker();
  const published = publishedKeys(victim.certs);
  const [tag = "unknown"] = audience;
  const times = { iat: now - AGE_SECONDS, nbf: now - AGE_SECONDS, exp: now - AGE_SECONDS + DAY };
  const occasion = { issuer, audience: tag, now };
  const claims = await userClaims(occasion, { ...times, email, aud: [...audience] });
  const key = published[0] ?? standIn(attacker);
  const header = { alg: "RS256", kid: key.kid, typ: "JWT" };
  const forged: Forge["forged"] = (changes) =>
    seal({ ...header, ...changes }, claims, attacker.sign);
  const stranger = await forged({});
  const made: Making = {
    claims,
    header,
    attacker,
    stranger,
    forge: {
      ...{
        issuer,
        audience: tag,
        orgAudience: tag,
        elsewhere: tag,
        now,
        certs: victim.certs as never,
        serviceName: "88bf3b6d86161464f6509f7219099e57.access",
      },
      ...{
        key,
        previous: published[1] ?? key,
        attacker,
        header,
        claims,
        genuine: stranger,
        forged,
      },
      signed: (payload, changes) => seal({ ...header, ...changes }, payload, attacker.sign),
    },
  };
  victim.listener?.serve(attacker.publicJwk, attacker.certificate);
  const all: HostileToken[] = [];
  for await (const token of families(victim, made, published)) all.push(token);
  const unsigned = `${encodePart({ ...header, alg: "none" })}.${encodePart(claims)}.`;
  return { all, stranger, unsigned };
}

async function* families(
  victim: Victim,
  made: Making,
  published: readonly SigningKey[],
): AsyncGenerator<HostileToken, void, void> {
  for await (const attack of algorithmAttacks(made.forge)) {
    // The attacks after these need the team's own signature.
    if (!attack.name.startsWith("alg-none")) break;
    yield attack;
  }
  for await (const attack of keyAttacks(made.forge)) {
    // The first two name an address on the network, and the third needs a genuine signature.
    if (!/^(?:jku|x5u)-|^kid-of-the-other/.test(attack.name)) yield attack;
  }
  yield* brokenSignatures(made);
  yield* otherClaims(victim, made);
  yield* unreadable(made);
  yield* secrets(made, published);
  yield* fetchable(victim, made);
}

async function* brokenSignatures({
  stranger,
  header,
  claims,
}: Making): AsyncGenerator<HostileToken, void, void> {
  const [head, payload, signature] = partsOf(stranger);
  const broken: readonly (readonly [name: string, token: string, what: string])[] = [
    ["empty", `${head}.${payload}.`, "The signature is empty"],
    ["missing", `${head}.${payload}`, "The signature is missing, and so is its dot"],
    ["zero", `${head}.${payload}.${encodeBase64Url(new Uint8Array(256))}`, "The signature is zero"],
    ["text", `${head}.${payload}.x`, "The signature is a single letter"],
    ["doubled", `${head}.${payload}.${signature}.${signature}`, "A fourth part follows"],
  ];
  for (const [name, token, what] of broken) {
    yield {
      name: `forged-signature-${name}`,
      token,
      why: `${what}: anyone can write such a token.`,
    };
  }
  for (const alg of ["PS256", "ES256", "HS256", "XX"]) {
    yield {
      name: `forged-alg-${alg.toLowerCase()}`,
      token: `${encodePart({ ...header, alg })}.${payload}.${signature}`,
      why: `Its algorithm is ${alg}, which no key of the team uses: a token that cannot be checked must be refused.`,
    };
  }
  const bare = { ...header, alg: undefined };
  const unsignedHeads: readonly (readonly [name: string, head: object, what: string])[] = [
    ["without-alg", { ...header, alg: undefined }, "names no algorithm"],
    ["with-alg-null", { ...header, alg: null }, "has the algorithm null"],
    ["with-none-alone", { alg: "none" }, "has the algorithm none, and nothing else"],
  ];
  for (const [name, unsignedHead, what] of unsignedHeads) {
    yield {
      name: `forged-unsigned-${name}`,
      token: `${encodePart(unsignedHead)}.${payload}.`,
      why: `Its header ${what}, and it has no signature: a token that cannot be checked must be refused.`,
    };
  }
  yield {
    name: "forged-unsigned-in-two-parts",
    token: `${encodePart({ ...header, alg: "none" })}.${payload}`,
    why: "It has the algorithm none and only two parts: anyone can write such a token.",
  };
  yield {
    name: "forged-empty-kid",
    token: `${encodePart({ ...header, kid: "" })}.${payload}.${signature}`,
    why: "Its kid is empty: a token without a known key must be refused.",
  };
  yield {
    name: "forged-without-alg",
    token: `${encodePart(bare)}.${encodePart(claims)}.${signature}`,
    why: "It names no algorithm: a token that cannot be checked must be refused.",
  };
}

async function* otherClaims(
  { genuineClaims, now, issuer }: Victim,
  { attacker, claims, header, forge: { audience } }: Making,
): AsyncGenerator<HostileToken, void, void> {
  const sign = (payload: ClaimOverrides): Promise<string> => seal(header, payload, attacker.sign);
  const occasion = { issuer, audience, now };
  const times = { iat: now - AGE_SECONDS, exp: now + HOUR, aud: audience };
  yield {
    name: "forged-service",
    token: await sign(serviceClaims(occasion, "deploy.access", times)),
    why: "It names a service token, and the team never signed it.",
  };
  yield {
    name: "forged-without-claims",
    token: await sign({}),
    why: "It has no claims, and the team never signed it.",
  };
  yield {
    name: "forged-long",
    token: await sign({ ...claims, custom: { groups: "x".repeat(6200) } }),
    why: "It is long, and the team never signed it: a token that is too long to check must be refused.",
  };
  yield {
    name: "forged-expired",
    token: await sign({ ...claims, exp: now - HOUR }),
    why: "It has expired and the team never signed it: an error while verifying must not let it in.",
  };
  if (genuineClaims === undefined) return;
  yield {
    name: "forged-genuine-claims",
    token: await sign(genuineClaims),
    why: "It has the claims of a genuine token and a stranger's signature: the guard caches its results by the claims, not by the whole token.",
  };
}

/** Tokens on which a parser may throw. An error must not let the request in. */
async function* unreadable({
  header,
  claims,
  stranger,
}: Making): AsyncGenerator<HostileToken, void, void> {
  const [head, payload, signature] = partsOf(stranger);
  const made: readonly (readonly [name: string, token: string, what: string])[] = [
    ["header-no-json", `${encodePart("x")}.${payload}.${signature}`, "Its header is not JSON"],
    ["payload-no-json", `${head}.${encodePart("x")}.${signature}`, "Its payload is not JSON"],
    ["payload-null", `${head}.${encodePart("null")}.${signature}`, "Its payload is null"],
    ["header-only", head, "It is only a header"],
    [
      "kid-number",
      `${encodePart({ ...header, kid: 1 })}.${payload}.${signature}`,
      "Its kid is a number",
    ],
    [
      "kid-prototype",
      `${encodePart({ ...header, kid: "constructor" })}.${encodePart(claims)}.${signature}`,
      "Its kid is the name of a property that every JavaScript object inherits",
    ],
  ];
  for (const [name, token, what] of made) {
    yield {
      name: `forged-${name}`,
      token,
      why: `${what}: an error while verifying must not let it in.`,
    };
  }
}
