import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, isTokenError, TokenError, type Verifier } from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  now,
  part,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let good: string;
let verifier: Verifier<unknown>;
let roomy: Verifier<unknown>;
beforeAll(async () => {
  signer = await createSigner();
  good = await signer.token(userClaims());
  const options = { team: TEAM, audience: AUDIENCE, keys: { keys: [signer.jwk] }, now };
  verifier = createVerifier(options);
  roomy = createVerifier({ ...options, maxTokenBytes: 2 ** 20 });
  // With a remembered verdict, every path through the verifier is in use.
  await Promise.all([verifier.verify(good), roomy.verify(good)]);
});

const fail = (): never => {
  throw new Error("must not be called");
};

/** A proxy that throws at every access. */
const hostileProxy = (): object =>
  new Proxy(
    {},
    {
      get: fail,
      has: fail,
      ownKeys: fail,
      getPrototypeOf: fail,
      getOwnPropertyDescriptor: fail,
      defineProperty: fail,
    },
  );

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const nested = (depth: number): string => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
const TEN_MEGABYTES = 10 * 2 ** 20;

const VALUES: readonly [name: string, value: () => unknown][] = [
  ["undefined", () => undefined],
  ["null", () => null],
  ["true", () => true],
  ["false", () => false],
  ["0", () => 0],
  ["NaN", () => Number.NaN],
  ["Infinity", () => Number.POSITIVE_INFINITY],
  ["a bigint", () => 10n ** 100n],
  ["a symbol", () => Symbol("token")],
  ["a registered symbol", () => Symbol.for("postern.TokenError")],
  ["an object", () => ({})],
  ["an object without prototype", () => Object.create(null)],
  ["an array", () => []],
  ["an array of the good token", () => [good]],
  ["a String object of the good token", () => new String(good)],
  ["the bytes of the good token", () => new TextEncoder().encode(good)],
  ["a function", () => fail],
  ["a class", () => class {}],
  ["a date", () => new Date(0)],
  ["a promise of the good token", () => Promise.resolve(good)],
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is thrown here
  ["a thenable", () => Object.defineProperty({}, "then", { value: fail })],
  ["an error", () => new Error("token")],
  ["a proxy that throws", hostileProxy],
  ["a proxy that was revoked", revokedProxy],
  ["an object with a hostile toString", () => ({ toString: fail, valueOf: fail })],
  ["an object with a hostile toPrimitive", () => ({ [Symbol.toPrimitive]: fail })],
  ["an object that reads like the good token", () => ({ toString: (): string => good })],
  [
    "an object with hostile getters",
    () => Object.defineProperties({}, { length: { get: fail }, slice: { get: fail } }),
  ],
  ["an empty string", () => ""],
  ["a blank string", () => " "],
  ["10 MB of letters", () => "a".repeat(TEN_MEGABYTES)],
  ["10 MB of dots", () => ".".repeat(TEN_MEGABYTES)],
  ["10 MB of a three-part token", () => `a.${"a".repeat(TEN_MEGABYTES)}.a`],
  ["10 MB after the good token", () => good + "A".repeat(TEN_MEGABYTES)],
  ["a lone surrogate", () => "\ud800"],
  ["a million dots", () => ".".repeat(1_000_000)],
  ["100,000 nested brackets, as a header", () => `${part(nested(100_000))}.e30.`],
  [
    "100,000 nested brackets, as a payload",
    () => `${part({ alg: "RS256" })}.${part(nested(100_000))}.`,
  ],
  [
    "100,000 brackets that never close",
    () => `${part({ alg: "RS256" })}.${part("[".repeat(100_000))}.`,
  ],
  ["100,000 nested objects", () => `${part('{"a":'.repeat(100_000))}.e30.`],
];

describe("any value in place of a token", () => {
  test.each(VALUES)("is refused with a TokenError: %s", async (_, value) => {
    for (const { verify, safeVerify } of [verifier, roomy]) {
      const error = await rejection(verify(value() as string));
      expect(isTokenError(error)).toBe(true);
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ status: 401, verified: false });
      const result = await safeVerify(value() as string);
      expect(result).toMatchObject({ ok: false, error: { code: (error as TokenError).code } });
    }
  });

  // A value that yields the good token is not a bad token.
  const inHeaders = VALUES.filter(([name]) => !/array of the good|revoked/.test(name));
  test.each(inHeaders)("in a request is refused with a TokenError: %s", async (_, value) => {
    const headers = { "cf-access-jwt-assertion": value() as string };
    const error = await rejection(verifier.verifyRequest(headers));
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ status: 401, verified: false });
  });
});

describe("100,000 nested brackets behind a good signature", () => {
  test("are claims like any other, and frozen at every depth", async () => {
    const payload = JSON.stringify(userClaims()).slice(0, -1) + nested(100_000).replace("{", ",");
    const header = JSON.stringify({ alg: "RS256", kid: signer.kid });
    const token = await signer.spelt(header, payload);
    const { payload: claims } = (await roomy.verify(token)) as { payload: { a: unknown } };
    let depth = 0;
    for (let level = claims.a; Array.isArray(level); level = level[0]) {
      if (Object.isFrozen(level)) depth++;
    }
    expect(depth).toBe(100_000);
  });

  test("may come with 300,000 members of a list", async () => {
    const payload = JSON.stringify(userClaims({ list: new Array(300_000).fill(0) }));
    const token = await signer.spelt(JSON.stringify({ alg: "RS256", kid: signer.kid }), payload);
    expect(await roomy.verify(token)).toMatchObject({ issuer: TEAM });
  });
});

describe("a token with one character changed", () => {
  test("is refused, whichever character it is", async () => {
    const places = Array.from({ length: good.length }, (_, index) => index);
    for (const place of places) {
      const other = good[place] === "A" ? "B" : "A";
      const changed = good.slice(0, place) + other + good.slice(place + 1);
      expect(await rejection(verifier.verify(changed))).toBeInstanceOf(TokenError);
    }
  });

  test("is refused, wherever a character is missing or added", async () => {
    for (let place = 0; place < good.length; place += 7) {
      const missing = good.slice(0, place) + good.slice(place + 1);
      const tooMany = `${good.slice(0, place)}A${good.slice(place)}`;
      expect(await rejection(verifier.verify(missing))).toBeInstanceOf(TokenError);
      expect(await rejection(verifier.verify(tooMany))).toBeInstanceOf(TokenError);
    }
  });
});
