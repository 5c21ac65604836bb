import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createStaticKeySet, importJwk, type Jwk, jwkThumbprint } from "../../src/index.ts";
import { rejection } from "../support/issuer.ts";
import { atOnce } from "../support/story-clock.ts";

// RFC 7638 section 3.1
const RFC_7638 = {
  kty: "RSA",
  n: [
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP",
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY",
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f",
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
  ].join(""),
  e: "AQAB",
  alg: "RS256",
  kid: "2011-04-29",
};

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const GOOD = publicKey.export({ format: "jwk" }) as Jwk;

/** An odd modulus of the given number of bits. It need not be a product of two primes. */
function modulus(bits: number): Buffer {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  bytes[0] = ((bytes[0] as number) & ((1 << top) - 1)) | (1 << top);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) | 1;
  return bytes;
}

const base64url = (bytes: Uint8Array | number[]): string =>
  Buffer.from(bytes).toString("base64url");

describe("a JWK that verifies RS256", () => {
  test("becomes a public CryptoKey of RSASSA-PKCS1-v1_5 with SHA-256", async () => {
    const key = await importJwk(GOOD);
    expect(key.type).toBe("public");
    expect(key.usages).toEqual(["verify"]);
    expect(key.algorithm).toMatchObject({ name: "RSASSA-PKCS1-v1_5", hash: { name: "SHA-256" } });
  });

  test.each([
    ["alg RS256", { alg: "RS256" }],
    ["use sig", { use: "sig" }],
    ["key_ops with verify", { key_ops: ["verify"] }],
    ["key_ops with verify among others", { key_ops: ["encrypt", "verify"] }],
    ["no operations in key_ops", { key_ops: [] }],
    ["members that are null", { kid: null, use: null, alg: null, key_ops: null, x5c: null }],
    ["private members that are null", { d: null, p: null, q: null, dp: null, dq: null, k: null }],
    ["empty lists for members that are not set", { oth: [], x5c: [] }],
    ["a kid", { kid: "key-1" }],
    ["an empty kid", { kid: "" }],
    ["certificates, which are not read", { x5c: ["nonsense"], x5t: "x", x5u: "http://x" }],
    ["unknown members", { example: { d: 1 } }],
    ["an ext that forbids export", { ext: false }],
  ])("may have %s", async (_, members) => {
    expect((await importJwk({ ...GOOD, ...members } as Jwk)).type).toBe("public");
  });

  test.each([
    ["3", [3]],
    ["17", [17]],
    ["65537", [1, 0, 1]],
    ["65537 with a leading zero", [0, 1, 0, 1]],
    ["4294967295", [255, 255, 255, 255]],
  ])("may have the exponent %s", async (_, bytes) => {
    expect((await importJwk({ ...GOOD, e: base64url(bytes) })).type).toBe("public");
  });

  test.each([2048, 2049, 3072, 4096, 8191, 8192])("may have a modulus of %i bits", async (bits) => {
    const { algorithm } = await importJwk({ ...GOOD, n: base64url(modulus(bits)) });
    expect(algorithm).toMatchObject({ modulusLength: bits });
  });

  test("keeps only the numbers of the JWK: what it says about its usage does not count", async () => {
    const members = { key_ops: ["verify", "encrypt"], ext: false };
    const key = await importJwk({ ...GOOD, ...members } as Jwk);
    expect(key.usages).toEqual(["verify"]);
    expect(key.extractable).toBe(true);
  });
});

/** Each fault, and the words that describe it. */
const FAULTS: readonly [fault: string, jwk: unknown, reason: string][] = [
  ["a string", "AQAB", "not an object"],
  ["null", null, "not an object"],
  ["an array", [GOOD], "not an object"],
  ["no kty", { n: GOOD.n, e: GOOD.e }, "kty is not RSA"],
  ["an EC key", { ...GOOD, kty: "EC" }, "kty is not RSA"],
  ["an octet key", { kty: "oct", k: "AQAB" }, "kty is not RSA"],
  ["kty in another case", { ...GOOD, kty: "rsa" }, "kty is not RSA"],
  ["a kid that is a number", { ...GOOD, kid: 1 }, "kid is not a string"],
  ["use enc", { ...GOOD, use: "enc" }, "use is not sig"],
  ["an empty use", { ...GOOD, use: "" }, "use is not sig"],
  ["alg RS512", { ...GOOD, alg: "RS512" }, "alg is not RS256"],
  ["alg RSA-OAEP", { ...GOOD, alg: "RSA-OAEP" }, "alg is not RS256"],
  ["alg none", { ...GOOD, alg: "none" }, "alg is not RS256"],
  ["key_ops for encryption", { ...GOOD, key_ops: ["encrypt"] }, "key_ops lacks verify"],
  ["key_ops for signing", { ...GOOD, key_ops: ["sign"] }, "key_ops lacks verify"],
  [
    "key_ops with verify twice",
    { ...GOOD, key_ops: ["verify", "verify"] },
    "key_ops is not a list of different strings",
  ],
  [
    "key_ops with a number",
    { ...GOOD, key_ops: ["verify", 0] },
    "key_ops is not a list of different strings",
  ],
  ["other primes", { ...GOOD, oth: [{ r: "AQAB" }] }, "private members"],
  ["n that is null", { ...GOOD, n: null }, "n or e is missing"],
  ["kty that is null", { ...GOOD, kty: null }, "kty is not RSA"],
  ["key_ops that is a string", { ...GOOD, key_ops: "verify" }, "key_ops lacks verify"],
  ...["d", "p", "q", "dp", "dq", "qi", "oth", "k"].map((member): [string, unknown, string] => [
    `the private member ${member}`,
    { ...GOOD, [member]: "AQAB" },
    "private members",
  ]),
  ["no n", { ...GOOD, n: undefined }, "n or e is missing"],
  ["no e", { kty: "RSA", n: GOOD.n }, "n or e is missing"],
  ["an e that is a number", { ...GOOD, e: 65537 }, "n or e is missing"],
  ["an n with padding", { ...GOOD, n: `${GOOD.n}==` }, "n or e is not base64url"],
  ["an n with white space", { ...GOOD, n: `${GOOD.n}\n` }, "n or e is not base64url"],
  ["an e of the other alphabet", { ...GOOD, e: "AQ+/" }, "n or e is not base64url"],
  ["an e with stray bits", { ...GOOD, e: "AR" }, "n or e is not base64url"],
  ["an empty n", { ...GOOD, n: "" }, "modulus is not of 2048 to 8192 bits"],
  ["an n of zero", { ...GOOD, n: "AA" }, "modulus is not of 2048 to 8192 bits"],
  ["an n of zeros alone", { ...GOOD, n: "AAAA" }, "modulus is not of 2048 to 8192 bits"],
  ["an empty e", { ...GOOD, e: "" }, "exponent is not odd and of 2 to 32 bits"],
  ["an e of zero", { ...GOOD, e: "AA" }, "exponent is not odd and of 2 to 32 bits"],
  ["a modulus of 1024 bits", { ...GOOD, n: base64url(modulus(1024)) }, "modulus is not of"],
  ["a modulus of 2047 bits", { ...GOOD, n: base64url(modulus(2047)) }, "modulus is not of"],
  ["a modulus of 8193 bits", { ...GOOD, n: base64url(modulus(8193)) }, "modulus is not of"],
  [
    "a small modulus with zeros before it",
    { ...GOOD, n: base64url([...new Array(128).fill(0), ...modulus(1024)]) },
    "modulus is not of",
  ],
  [
    "an even modulus",
    { ...GOOD, n: base64url([...modulus(2048).subarray(0, 255), 2]) },
    "modulus is even",
  ],
  ["the exponent 1", { ...GOOD, e: "AQ" }, "exponent is not odd"],
  ["the exponent 1 with zeros before it", { ...GOOD, e: "AAAB" }, "exponent is not odd"],
  ["the exponent 2", { ...GOOD, e: "Ag" }, "exponent is not odd"],
  ["an even exponent", { ...GOOD, e: base64url([1, 0, 0]) }, "exponent is not odd"],
  ["an exponent of 33 bits", { ...GOOD, e: base64url([1, 0, 0, 0, 1]) }, "exponent is not odd"],
];

describe("a JWK that does not", () => {
  test.each(FAULTS)("is refused by importJwk: %s", async (_, jwk, reason) => {
    const error = await rejection(importJwk(jwk as Jwk));
    expect(error).toBeInstanceOf(TypeError);
    const expected = reason === "not an object" ? /^jwk must be .+, got \w/ : reason;
    expect((error as Error).message).toMatch(expected);
  });

  test.each(FAULTS)("is no key of a set, which says why: %s", (_, jwk, reason) => {
    expect(() => createStaticKeySet({ keys: [jwk as Jwk] })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`keys[0]: ${reason}`) }),
    );
  });

  test.each(FAULTS)("spoils no other key of a set: %s", async (_, jwk) => {
    const keys = createStaticKeySet({ keys: [jwk as Jwk, { ...GOOD, kid: "good" }] });
    const found = await atOnce(keys.find({ alg: "RS256" }));
    expect(found.map(({ kid }) => kid)).toEqual(["good"]);
  });

  test("has no thumbprint", async () => {
    const error = await rejection(jwkThumbprint({ ...GOOD, kty: "EC" }));
    expect(error).toBeInstanceOf(TypeError);
  });

  test("is not quoted in the refusal", async () => {
    const error = await rejection(importJwk({ ...GOOD, d: "the-private-exponent" }));
    expect((error as Error).message).not.toContain("the-private-exponent");
    expect((error as Error).message).not.toContain(GOOD.n);
  });

  test.each(["kty", "n", "e"])("is one whose %s is only on a prototype", async (member) => {
    const { [member]: inherited, ...rest } = GOOD;
    const jwk = Object.assign(Object.create({ [member]: inherited }), rest);
    expect(await rejection(importJwk(jwk))).toBeInstanceOf(TypeError);
  });
});

describe("jwkThumbprint", () => {
  test("answers the example of RFC 7638 section 3.1", async () => {
    expect(await jwkThumbprint(RFC_7638)).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  test("depends on the required members alone, in any order", async () => {
    const { e, n, kty } = RFC_7638;
    const reordered = { use: "sig", e, n, kty, kid: "another" };
    expect(await jwkThumbprint(reordered)).toBe(await jwkThumbprint(RFC_7638));
  });

  test("is the SHA-256 of those members", async () => {
    const { n, e } = GOOD;
    const digest = createHash("sha256").update(`{"e":"${e}","kty":"RSA","n":"${n}"}`);
    expect(await jwkThumbprint(GOOD)).toBe(digest.digest("base64url"));
  });
});
