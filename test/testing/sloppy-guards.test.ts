import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Jwk } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import {
  carefulSteps,
  type Guard,
  guardOf,
  hmacSigned,
  keyOf,
  rsaSigned,
  type Steps,
} from "./sloppy-guards.ts";

const issuer = await createTestIssuer({ decoyKeys: true });
const hostile = await issuer.hostileTokens({ carrier: "string" });
const genuine = [await issuer.userToken(), await issuer.serviceToken()];
const careful = carefulSteps(issuer);
const { audience } = issuer;
const spki = (key: Parameters<Steps["isSigned"]>[2]): string =>
  key.export({ type: "spki", format: "pem" }) as string;

/** The hostile tokens that a guard accepts. */
function catchOf(guard: Guard): string[] {
  return hostile.filter(({ token }) => guard(token)).map(({ name }) => name);
}

const anyAlgorithm = { isAllowed: () => true };

// A common mistake, and the tokens that must reveal it.
const mistakes: readonly [mistake: string, steps: Partial<Steps>, revealed: readonly string[]][] = [
  [
    "believes alg none",
    {
      ...anyAlgorithm,
      isSigned: (input, signature, key, header) =>
        String(header["alg"]).toLowerCase() === "none" ||
        careful.isSigned(input, signature, key, header),
    },
    ["alg-none", "alg-none-spelled-nOnE", "alg-none-behind-rs256"],
  ],
  [
    "never checks the signature",
    { isSigned: () => true },
    ["stolen-kid", "no-kid", "payload-changed", "signature-empty", "signature-of-another-token"],
  ],
  [
    "uses the public key in PEM as the secret of an HMAC",
    {
      ...anyAlgorithm,
      isSigned: (input, signature, key, header) =>
        header["alg"] === "HS256"
          ? hmacSigned(input, signature, spki(key))
          : careful.isSigned(input, signature, key, header),
    },
    ["hmac-spki-pem", "hmac-behind-rs256"],
  ],
  [
    "uses the trimmed PEM as the secret of an HMAC",
    {
      ...anyAlgorithm,
      isSigned: (i, s, key) => hmacSigned(i, s, spki(key).trim()) || rsaSigned("sha256", i, s, key),
    },
    ["hmac-spki-pem-no-newline"],
  ],
  [
    "uses the JWK as the secret of an HMAC",
    {
      ...anyAlgorithm,
      isSigned: (i, s, key, header) =>
        issuer.jwks().keys.some((jwk) => hmacSigned(i, s, JSON.stringify(jwk))) ||
        careful.isSigned(i, s, key, header),
    },
    ["hmac-jwk-json"],
  ],
  [
    "verifies with a key from the header",
    { keys: (header) => (header["jwk"] ? [keyOf(header["jwk"] as Jwk)] : careful.keys(header)) },
    ["embedded-jwk", "embedded-jwk-known-kid", "embedded-jwk-without-kid"],
  ],
  [
    "verifies with a certificate from the header",
    {
      keys: (header) => {
        const [x5c] = (header["x5c"] ?? []) as string[];
        return x5c
          ? [new X509Certificate(Buffer.from(x5c, "base64")).publicKey]
          : careful.keys(header);
      },
    },
    ["embedded-x5c", "embedded-x5c-known-kid"],
  ],
  [
    "lets alg choose the hash",
    {
      ...anyAlgorithm,
      isSigned: (i, s, key, { alg }) => rsaSigned(`sha${String(alg).slice(2)}`, i, s, key),
    },
    ["alg-rs384", "alg-rs512"],
  ],
  [
    "compares alg without case",
    { isAllowed: ({ alg }) => String(alg).toUpperCase() === "RS256" },
    ["alg-lower-case", "alg-array"],
  ],
  [
    "ignores crit",
    {
      isAllowed: ({ alg, b64, enc, zip, cty }) =>
        alg === "RS256" && ![b64, enc, zip, cty].some((v) => v !== undefined),
    },
    ["crit-unknown-extension", "crit-empty", "crit-string"],
  ],
  [
    "honours b64",
    {
      isAllowed: ({ alg }) => alg === "RS256",
      isSigned: (input, signature, key, header) => {
        const [first = "", payload = ""] = input.split(".");
        const raw = `${first}.${Buffer.from(payload, "base64url")}`;
        return careful.isSigned(header["b64"] === false ? raw : input, signature, key, header);
      },
    },
    ["b64-false", "b64-false-not-critical"],
  ],
  [
    "looks for the tag in a string",
    { isAudience: (aud) => (aud as string).includes(audience) },
    ["aud-longer", "aud-comma-joined", "aud-json-in-string"],
  ],
  [
    "looks for the audience in the tag",
    { isAudience: (aud) => audience.includes(String(aud)) },
    ["aud-half", "aud-empty-string", "aud-nested-array", "aud-empty-array"],
  ],
  [
    "compares the start of the tag",
    { isAudience: (aud) => [aud].flat().some((tag) => String(tag).startsWith(audience)) },
    ["aud-trailing-slash", "aud-trailing-space", "aud-trailing-nul"],
  ],
  [
    "compares the tag without case",
    { isAudience: (aud) => [aud].flat().some((tag) => String(tag).toLowerCase() === audience) },
    ["aud-case"],
  ],
  [
    "looks for the tag with `in`",
    { isAudience: (aud) => careful.isAudience(aud) || audience in (aud as object) },
    ["aud-object"],
  ],
  ["asks for no audience", { isAudience: () => true }, ["aud-other", "aud-missing", "aud-null"]],
  [
    "checks an audience only if there is one",
    { isAudience: (aud) => !aud || careful.isAudience(aud) },
    ["aud-missing", "aud-null", "aud-number", "aud-empty-string"],
  ],
  [
    "compares the start of the issuer",
    { isIssuer: (iss) => String(iss).startsWith(issuer.issuer) },
    ["iss-suffix", "iss-as-userinfo", "iss-trailing-slash", "iss-path", "iss-array"],
  ],
  [
    "looks for the issuer in a pattern",
    { isIssuer: (iss) => new RegExp(`^${issuer.issuer}$`).test(String(iss)) },
    ["iss-pattern", "iss-array"],
  ],
  [
    "compares hosts of issuers",
    { isIssuer: (iss) => new URL(String(iss)).hostname === new URL(issuer.issuer).hostname },
    ["iss-protocol", "iss-port", "iss-userinfo", "iss-upper-case", "iss-percent"],
  ],
  [
    "accepts every team of the provider",
    { isIssuer: (iss) => /^https:\/\/[\w-]+\.cloudflareaccess\.com$/.test(String(iss)) },
    ["iss-other-team"],
  ],
  [
    "checks exp only if there is one",
    { isInTime: (claims) => !claims["exp"] || careful.isInTime(claims) },
    ["exp-missing", "exp-zero", "exp-null"],
  ],
  [
    "refuses only a readable exp in the past",
    { isInTime: ({ exp }) => !(Date.now() / 1000 > (exp as number)) },
    ["exp-object", "exp-iso-string", "exp-infinite", "exp-missing", "nbf-in-the-future"],
  ],
  [
    "takes numbers in strings",
    { isInTime: (claims) => careful.isInTime({ ...claims, exp: Number(claims["exp"]) }) },
    ["exp-string", "exp-array"],
  ],
  [
    "checks signature, audience and expiry alone",
    { isIssuer: () => true, isKind: () => true },
    ["meta-token", "meta-token-with-issuer", "org-token-for-the-application"],
  ],
  [
    "checks signature and audience alone",
    { isIssuer: () => true, isKind: () => true, isInTime: () => true },
    ["meta-token", "meta-token-without-exp"],
  ],
  [
    "does not check the type",
    { isKind: () => true },
    ["org-token-for-the-application", "log-out-token"],
  ],
  [
    "decodes base64 leniently",
    { decode: (part) => Buffer.from(part, "base64url") },
    [
      "spelling-padding",
      "spelling-trailing-bits",
      "spelling-space",
      "spelling-newline",
      "spelling-nul",
    ],
  ],
  [
    "decodes base64 in either alphabet",
    { decode: (part) => Buffer.from(part, "base64") },
    ["spelling-standard-base64", "spelling-trailing-junk"],
  ],
  [
    "decodes percent signs first",
    { split: (token) => decodeURIComponent(token).split(".") },
    ["spelling-percent-encoded-dots", "spelling-percent-encoded-letter"],
  ],
  [
    "cuts letters to bytes",
    { decode: (part) => careful.decode(Buffer.from(part, "latin1").toString("latin1")) },
    ["spelling-wide-letter"],
  ],
  [
    "reads UTF-8 leniently",
    { parse: (part) => JSON.parse(careful.decode(part).toString()) },
    ["payload-invalid-utf-8", "payload-overlong-utf-8", "header-invalid-utf-8"],
  ],
  [
    "copies the members of the parsed JSON",
    { parse: (part) => Object.assign({}, careful.parse(part)) },
    ["alg-inherited", "aud-inherited", "exp-inherited"],
  ],
  [
    "does not count the parts",
    { split: (token) => token.split(".").slice(0, 3) },
    ["structure-four-parts", "structure-trailing-dot"],
  ],
  [
    "takes the first of several members",
    {
      parse(part) {
        const text = careful.decode(part).toString();
        const first = (name: string): object => {
          const [, value] = new RegExp(`"${name}":("[^"]*"|\\[[^\\]]*\\]|\\d+)`).exec(text) ?? [];
          return value === undefined ? {} : { [name]: JSON.parse(value) };
        };
        return { ...careful.parse(part), ...first("exp"), ...first("aud"), ...first("iss") };
      },
    },
    ["exp-behind-another", "aud-behind-another", "iss-behind-another"],
  ],
];

describe("hostile tokens reveal a guard that", () => {
  it.each(mistakes)("%s", (_, steps, revealed) => {
    const sloppy = guardOf({ ...careful, ...steps });
    expect(genuine.every(sloppy)).toBe(true);
    expect(catchOf(sloppy)).toEqual(expect.arrayContaining([...revealed]));
  });

  it("makes no mistake, by accepting none", () => {
    expect(genuine.every(guardOf(careful))).toBe(true);
    expect(catchOf(guardOf(careful))).toEqual([]);
  });
});
