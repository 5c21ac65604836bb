import { encodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject } from "../encoding/json.ts";
import { readJwk } from "../keys/jwk.ts";
import { own } from "../own.ts";
import { type ClaimOverrides, serviceClaims, userClaims } from "../testing/claims.ts";
import { encodePart, seal } from "../testing/compact.ts";
import { type Bytes, concat, utf8 } from "../testing/der.ts";
import { algorithmAttacks } from "../testing/hostile/algorithm.ts";
import { type Forge, type HostileToken, partsOf } from "../testing/hostile/forge.ts";
import { hmac, hmacAttacks } from "../testing/hostile/hmac.ts";
import { keyAttacks } from "../testing/hostile/key.ts";
import {
  createPrivateJwk,
  importSigningKey,
  type PublicJwk,
  type SigningKey,
} from "../testing/signing-key.ts";

/** Whose tokens are forged. */
export interface Victim {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The certs document of the team, `undefined` when it is not to be had. */
  readonly certs: unknown;
  /** Whose e-mail address a forgery names. */
  readonly email: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** The claims of a genuine token, if there is one. */
  readonly genuineClaims?: ClaimOverrides | undefined;
  /** Where a door on this machine could fetch the attacker's keys. */
  readonly listener?: Listener | undefined;
}

/** A server that hands out the attacker's public key, or his certificate, under every path. */
export interface Listener {
  readonly url: string;
  serve(key: PublicJwk, certificate: string): void;
}

/** Every forgery, and those that are tried in other places than the assertion header. */
export interface Forgeries {
  readonly all: readonly HostileToken[];
  readonly stranger: string;
  readonly unsigned: string;
}

/** Old enough that a good guard need not ask for a newer key, and wait. */
const AGE_SECONDS = 600;
const HOUR = 3600;

/** Made once: every forgery may be of the same attacker. */
let attackersKey: Promise<SigningKey> | undefined;

function createAttacker(): Promise<SigningKey> {
  attackersKey ??= createPrivateJwk().then((jwk) =>
    importSigningKey(jwk, { commonName: "attacker.example", createdAt: Date.now() }),
  );
  return attackersKey;
}

/** Tokens that name the right team, audience and time, and that the team never signed. */
export async function forge(victim: Victim): Promise<Forgeries> {
  const { issuer, audience, now, email } = victim;
  const attacker = await createAttacker();
  const published = publishedKeys(victim.certs);
  const [tag = "unknown"] = audience;
  const times = { iat: now - AGE_SECONDS, nbf: now - AGE_SECONDS, exp: now + HOUR };
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

interface Making {
  readonly claims: ClaimOverrides;
  readonly header: ClaimOverrides;
  readonly attacker: SigningKey;
  readonly stranger: string;
  readonly forge: Forge;
}

async function* families(
  victim: Victim,
  made: Making,
  published: readonly SigningKey[],
): AsyncGenerator<HostileToken, void, void> {
  for await (const attack of algorithmAttacks(made.forge)) {
    // What follows needs the team's own signature.
    if (!attack.name.startsWith("alg-none")) break;
    yield attack;
  }
  for await (const attack of keyAttacks(made.forge)) {
    // A stranger's address would be fetched over the network; the other needs a genuine signature.
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
    yield { name: `forged-signature-${name}`, token, why: `${what}: anyone can write that.` };
  }
  for (const alg of ["RS384", "PS256", "ES256", "HS256", "XX"]) {
    yield {
      name: `forged-alg-${alg.toLowerCase()}`,
      token: `${encodePart({ ...header, alg })}.${payload}.${signature}`,
      why: `It says ${alg}, which no key of the team is for: what cannot be checked must be refused.`,
    };
  }
  const bare = { ...header, alg: undefined };
  yield {
    name: "forged-without-alg",
    token: `${encodePart(bare)}.${encodePart(claims)}.${signature}`,
    why: "It names no algorithm: what cannot be checked must be refused.",
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
    why: "It names a service, and the team never signed it.",
  };
  yield {
    name: "forged-without-claims",
    token: await sign({}),
    why: "It says nothing at all, and the team never signed it.",
  };
  yield {
    name: "forged-expired",
    token: await sign({ ...claims, exp: now - HOUR }),
    why: "It has expired and the team never signed it: an error on the way must not let it in.",
  };
  if (genuineClaims === undefined) return;
  yield {
    name: "forged-genuine-claims",
    token: await sign(genuineClaims),
    why: "It repeats the claims of a genuine token under a stranger's signature: a verdict was remembered by claims.",
  };
}

/** What a reader trips over: an error must not open the door. */
async function* unreadable({
  header,
  claims,
  stranger,
}: Making): AsyncGenerator<HostileToken, void, void> {
  const [head, payload, signature] = partsOf(stranger);
  const made: readonly (readonly [name: string, token: string, what: string])[] = [
    ["header-no-json", `${encodePart("x")}.${payload}.${signature}`, "Its header is no JSON"],
    ["payload-no-json", `${head}.${encodePart("x")}.${signature}`, "Its payload is no JSON"],
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
      "Its kid is the name of what every object has",
    ],
  ];
  for (const [name, token, what] of made) {
    yield {
      name: `forged-${name}`,
      token,
      why: `${what}: an error on the way must not let it in.`,
    };
  }
}

/** HMACs whose secret everyone has. */
async function* secrets(
  { header, claims, forge }: Making,
  published: readonly SigningKey[],
): AsyncGenerator<HostileToken, void, void> {
  const hs = (changes: ClaimOverrides, secret: Bytes | string): Promise<string> =>
    seal({ ...header, alg: "HS256", ...changes }, claims, hmac("SHA-256", secret));
  // A zero byte is padded to the same key as nothing is (RFC 2104 section 2).
  const nothing = Uint8Array.of(0);
  const why = "An HMAC with an empty secret, which is what a missing key turns into.";
  yield { name: "hmac-empty-secret", token: await hs({}, nothing), why };
  yield { name: "hmac-empty-secret-unknown-kid", token: await hs({ kid: "0" }, nothing), why };
  yield {
    name: "hmac-kid-of-an-empty-file",
    token: await hs({ kid: "../../../../../../../../dev/null" }, nothing),
    why: `${why} Its kid is the path of an empty file.`,
  };
  for (const secret of ["secret", "undefined", "null"]) {
    yield {
      name: `hmac-${secret}`,
      token: await hs({}, secret),
      why: `An HMAC under the word "${secret}", which is no secret.`,
    };
  }
  for (const [index, key] of published.entries()) {
    const kid = { ...header, kid: key.kid };
    for await (const attack of hmacAttacks({ ...forge, key, header: kid })) {
      const isKnown = /^hmac-(?:empty-secret|kid|embedded-secret)$/.test(attack.name);
      if (isKnown) continue;
      // Of the other key only what programs really keep.
      if (index === 0) yield attack;
      else if (/^hmac-(?:jwk-json|spki-pem|certificate-pem)$/.test(attack.name)) {
        yield { ...attack, name: `${attack.name}-${index + 1}` };
      }
    }
    if (index > 0) continue;
    const spaced = JSON.stringify(key.publicJwk)
      .replaceAll('":"', '": "')
      .replaceAll('","', '", "');
    yield {
      name: "hmac-jwk-json-spaced",
      token: await hs({ kid: key.kid }, spaced),
      why: "An HMAC whose secret is public: the JWK as Python spells it.",
    };
  }
  yield {
    name: "hmac-embedded-secret",
    token: await hs({ jwk: { kty: "oct", k: encodePart("attacker") } }, "attacker"),
    why: "An HMAC that brings its own secret in the header.",
  };
}

/** Forgeries whose key the door could fetch, if it looked where the token says. */
async function* fetchable(
  { issuer, listener }: Victim,
  { attacker, claims, forge }: Making,
): AsyncGenerator<HostileToken, void, void> {
  const { kid } = attacker;
  const set = JSON.stringify({ keys: [attacker.publicJwk] });
  yield {
    name: "jku-data-url",
    token: await forge.forged({ kid, jku: `data:application/json,${encodeURIComponent(set)}` }),
    why: "It brings its key in a URL in jku: keys come from the configured team alone (RFC 8725 section 3.10).",
  };
  if (listener === undefined) return;
  const { url } = listener;
  const { host } = new URL(url);
  const at = (path: string): string => `${url}${path}`;
  const headers: readonly (readonly [name: string, header: ClaimOverrides])[] = [
    ["jku-fetched", { kid, jku: at("/cdn-cgi/access/certs") }],
    ["jku-fetched-under-a-real-kid", { jku: at("/cdn-cgi/access/certs") }],
    ["jku-with-the-team-in-it", { kid, jku: at(`/cdn-cgi/access/certs?${issuer}`) }],
    ["jku-with-the-team-as-userinfo", { kid, jku: `${issuer}@${host}/cdn-cgi/access/certs` }],
    ["x5u-fetched", { kid, x5u: at("/certificate.pem") }],
    ["kid-fetched", { kid: at("/cdn-cgi/access/certs") }],
  ];
  for (const [name, header] of headers) {
    yield {
      name,
      token: await forge.forged(header),
      why: "It says where to fetch its key: keys come from the configured team alone (RFC 8725 section 3.10).",
    };
  }
  const issuers: readonly (readonly [name: string, iss: string])[] = [
    ["foreign-issuer", url],
    ["foreign-issuer-with-the-team-in-it", at(`/${issuer}`)],
    ["foreign-issuer-with-the-team-as-userinfo", `${issuer}@${host}`],
  ];
  for (const [name, iss] of issuers) {
    yield {
      name,
      token: await seal({ alg: "RS256", kid, typ: "JWT" }, { ...claims, iss }, attacker.sign),
      why: "Another issuer signed it, and its keys can be fetched where iss says: the team is configured, and never read from a token (RFC 8725 section 3.8).",
    };
  }
}

/** The team's keys as the makers of hostile tokens take them; the private half nobody has. */
function publishedKeys(certs: unknown): SigningKey[] {
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

/** A kid of the right shape where the team's own are not to be had. */
function standIn(attacker: SigningKey): SigningKey {
  const kid = [...attacker.kid].reverse().join("");
  return publicKey({ ...attacker.publicJwk, kid }, attacker.certificate);
}

/** A genuine token with one thing wrong. */
export function spoil(token: string): readonly HostileToken[] {
  const [head, payload, signature] = partsOf(token);
  const [first = "", last = ""] = [signature.slice(0, 1), signature.slice(-2)];
  const other = (letter: string): string => (letter === "A" ? "B" : "A");
  const turned = (text: string): string => [...text].map(other).join("");
  const forgedHead = encodePart({ alg: "none", typ: "JWT" });
  const spoilt: readonly (readonly [name: string, token: string, what: string])[] = [
    ["signature-cut", token.slice(0, -8), "The last letters of the signature are missing"],
    [
      "signature-halved",
      token.slice(0, -(signature.length >> 1)),
      "Half of the signature is missing",
    ],
    ["signature-gone", `${head}.${payload}.`, "The signature is missing"],
    [
      "signature-first-letter",
      `${head}.${payload}.${other(first)}${signature.slice(1)}`,
      "The first letter of the signature is another one",
    ],
    [
      "signature-last-letters",
      `${head}.${payload}.${signature.slice(0, -2)}${turned(last)}`,
      "The last letters of the signature are others",
    ],
    ["signature-extended", `${token}AAAA`, "Letters follow the signature"],
    [
      "payload-changed",
      `${head}.${changed(payload)}.${signature}`,
      "The payload says something else than what was signed",
    ],
    [
      "header-changed",
      `${forgedHead}.${payload}.${signature}`,
      "The header is another one than what was signed",
    ],
    [
      "prefix-kept",
      `${token.slice(0, Math.max(64, head.length + 32))}.x.x`,
      "Only its beginning is genuine",
    ],
    ["prefix-kept-three-parts", `${head}.${payload}.AAAA`, "Only its first two parts are genuine"],
  ];
  return spoilt.map(([name, text, what]) => ({
    name: `genuine-${name}`,
    token: text,
    why: `${what}: the signature must be checked over all of it, each time.`,
  }));
}

/** The same claims in another spelling, with a member more. */
function changed(payload: string): string {
  try {
    const bytes = Uint8Array.from(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
      (letter) => letter.charCodeAt(0),
    );
    const start = bytes.lastIndexOf(0x7d);
    return encodeBase64Url(concat(bytes.subarray(0, start), utf8(',"knock":1}')));
  } catch {
    return `${payload}AAAA`;
  }
}
