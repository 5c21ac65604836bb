import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  type VerificationKey,
  type VerifiedAccessToken,
  type Verifier,
} from "../../src/index.ts";
import { type Verdict, VerdictCache } from "../../src/verify/verdict-cache.ts";
import {
  AUDIENCE,
  createSigner,
  NOW,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let other: Signer;
let key: VerificationKey;
let token: string;
beforeAll(async () => {
  [signer, other] = await Promise.all([createSigner(), createSigner()]);
  key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
  token = await signer.token(userClaims());
});

/** How often a signature was really verified. */
let operations = vi.spyOn(crypto.subtle, "verify");
let time: number;
beforeEach(() => {
  operations.mockRestore();
  operations = vi.spyOn(crypto.subtle, "verify");
  time = NOW;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function guard(options = {}, keys?: KeySet): Verifier<VerifiedAccessToken> {
  const held = { find: async () => [key], known: () => [key] };
  const now = (): number => time * 1000;
  return createVerifier({ team: TEAM, audience: AUDIENCE, keys: keys ?? held, now, ...options });
}

/** The same characters in a new string, as each request has them. */
const again = (text: string): string => Buffer.from(text).toString("latin1");

describe("an accepted token", () => {
  test("is verified once, and accepted again without another operation", async () => {
    const { verify } = guard();
    const verified = await verify(token);
    for (let round = 0; round < 5; round++) expect(await verify(again(token))).toEqual(verified);
    expect(operations).toHaveBeenCalledOnce();
  });

  test("is found again in a request", async () => {
    const { verify, verifyRequest } = guard();
    await verify(token);
    await verifyRequest({ "cf-access-jwt-assertion": again(token) });
    await verifyRequest({ cookie: `CF_Authorization=${again(token)}` });
    expect(operations).toHaveBeenCalledOnce();
  });

  test("expires on the current clock", async () => {
    const { verify } = guard({ clockToleranceSeconds: 0 });
    await verify(token);
    time = NOW + 3600 - 0.001;
    await verify(token);
    time = NOW + 3600;
    expect(await rejection(verify(token))).toMatchObject({ code: "token_expired", claim: "exp" });
  });

  test("is remembered from the first moment at which it is accepted", async () => {
    const { verify } = guard({ clockToleranceSeconds: 20 });
    time = NOW - 60 - 20;
    await verify(token);
    await verify(token);
    expect(operations).toHaveBeenCalledOnce();
  });

  test("becomes too old on the current clock", async () => {
    const { verify } = guard({ clockToleranceSeconds: 0, maxTokenAgeSeconds: 100 });
    await verify(token);
    time = NOW + 40;
    await verify(token);
    time = NOW + 40.001;
    expect(await rejection(verify(token))).toMatchObject({ code: "token_expired", claim: "iat" });
  });

  test.each(["nbf", "iat"])("is not valid yet by %s when the clock is set back", async (claim) => {
    const { verify } = guard({ clockToleranceSeconds: 0 });
    const early = await signer.token(userClaims({ nbf: undefined, iat: undefined, [claim]: NOW }));
    await verify(early);
    time = NOW - 0.001;
    expect(await rejection(verify(early))).toMatchObject({ code: "token_not_yet_valid", claim });
    time = NOW;
    await verify(early);
  });

  test("is remembered by a verifier of several issuers, too", async () => {
    const keys = { find: async () => [key], known: () => [key] };
    const rival = "https://rival.cloudflareaccess.com";
    const { verify } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys },
        { team: rival, audience: AUDIENCE, keys },
      ],
      { now: () => NOW * 1000 },
    );
    await verify(token);
    await verify(again(token));
    expect(operations).toHaveBeenCalledOnce();
  });

  test("is refused when its key was withdrawn", async () => {
    let keys = [key];
    const { verify } = guard({}, { find: async () => keys, known: () => keys });
    await verify(token);
    keys = [];
    expect(await rejection(verify(token))).toMatchObject({ code: "key_not_found" });
    keys = [key];
    await verify(token);
  });

  test("is verified again, and refused, when its kid names another key", async () => {
    let keys = [key];
    const { verify } = guard({}, { find: async () => keys, known: () => keys });
    await verify(token);
    keys = [{ kid: key.kid, cryptoKey: await importJwk(other.jwk) }];
    expect(await rejection(verify(token))).toMatchObject({ code: "signature_invalid" });
  });

  test("is not accepted again when its key set returns nonsense", async () => {
    let keys = [key];
    const { verify } = guard({}, { find: async () => keys, known: () => keys });
    await verify(token);
    keys = [undefined as unknown as VerificationKey];
    expect(await rejection(verify(token))).toMatchObject({ code: "no_usable_keys" });
  });

  test("asks its key set every time, so that a refresh can start in the background", async () => {
    const known = vi.fn(() => [key]);
    const waitUntil = (): void => {};
    const { verify } = guard({}, { find: async () => [key], known });
    await verify(token);
    known.mockClear();
    await verify(token, { waitUntil });
    expect(known).toHaveBeenCalledOnce();
    const [header, lookup] = known.mock.calls[0] as unknown as [object, object];
    expect(header).toMatchObject({ kid: signer.kid });
    expect(lookup).toMatchObject({ waitUntil });
  });

  test("is checked against the audience of each call", async () => {
    const { verify } = guard({ audience: [AUDIENCE, "admin"] });
    await verify(token, { audience: AUDIENCE });
    expect(await rejection(verify(token, { audience: "admin" }))).toMatchObject({
      code: "audience_mismatch",
      expected: ["admin"],
      verified: true,
    });
    await verify(token, { audience: ["admin", AUDIENCE] });
  });

  test("is forgotten after many others", async () => {
    const { verify } = guard({ verdictCache: { maxEntries: 10 } });
    const many = await Promise.all(
      Array.from({ length: 30 }, (_, index) => signer.token(userClaims({ jti: `${index}` }))),
    );
    await verify(token);
    for (const one of many) await verify(one);
    operations.mockClear();
    await verify(token);
    expect(operations).toHaveBeenCalledOnce();
  });

  test.each([1, 2, 3, 4, 7])("is one of at most %i", async (maxEntries) => {
    const { verify } = guard({ verdictCache: { maxEntries } });
    const many = await Promise.all(
      Array.from({ length: 9 }, (_, index) => signer.token(userClaims({ jti: `${index}` }))),
    );
    for (const one of many) await verify(one);
    operations.mockClear();
    await verify(many.at(-1) as string);
    expect(operations).not.toHaveBeenCalled();
    for (const one of [...many].reverse()) await verify(one);
    expect(operations.mock.calls.length).toBeGreaterThanOrEqual(many.length - maxEntries);
  });

  test.each([1, 2, 3, 4, 5, 8, 9])(
    "is one of at most %i, and of at least half as many, in any order of tokens",
    (maxEntries) => {
      const cache = new VerdictCache(maxEntries);
      // Different ends, so that no two share a place.
      const texts = Array.from(
        { length: 12 },
        (_, index) => `token-${String(index).padStart(5, "0")}`,
      );
      const held = (): number => new Set([...cache.young.keys(), ...cache.old.keys()]).size;
      for (const text of texts.slice(0, maxEntries)) cache.set({ text } as Verdict);
      expect(held()).toBe(maxEntries);
      let seed = 1;
      let most = 0;
      for (let step = 0; step < 3000; step++) {
        seed = (seed * 48271) % 2147483647;
        const text = texts[seed % texts.length] as string;
        // As the verifier does: it looks a token up, and remembers a missing one.
        if (cache.get(text)?.text !== text) cache.set({ text } as Verdict);
        expect(cache.get(text)?.text).toBe(text);
        expect(held()).toBe(cache.young.size + cache.old.size);
        most = Math.max(most, held());
        if (step >= 100) expect(held()).toBeGreaterThanOrEqual(maxEntries / 2);
      }
      expect(most).toBe(maxEntries);
    },
  );

  test("is remembered beside another one when there are two places", async () => {
    const { verify } = guard({ verdictCache: { maxEntries: 2 } });
    const pair = await Promise.all(["a", "b"].map((jti) => signer.token(userClaims({ jti }))));
    for (const one of pair) await verify(one);
    operations.mockClear();
    for (const one of [...pair, ...pair]) await verify(one);
    expect(operations).not.toHaveBeenCalled();
  });

  test("is kept while it is in use, however many others there are", async () => {
    const { verify } = guard({ verdictCache: { maxEntries: 10 } });
    const many = await Promise.all(
      Array.from({ length: 30 }, (_, index) => signer.token(userClaims({ jti: `${index}` }))),
    );
    await verify(token);
    for (const one of many) {
      await verify(one);
      await verify(token);
    }
    expect(operations).toHaveBeenCalledTimes(31);
  });
});

describe("a header", () => {
  test("is read once, and shared by all tokens with the same spelling", async () => {
    const { verify } = guard({ verdictCache: false });
    const spellings = [{}, { x: 1 }];
    const read = async (header: object): Promise<unknown> =>
      (await verify(await signer.token(userClaims({ jti: String(Math.random()) }), { ...header })))
        .header;
    const first = [await read(spellings[0] as object), await read(spellings[1] as object)];
    expect(first[0]).not.toBe(first[1]);
    for (const [at, spelling] of spellings.entries()) expect(await read(spelling)).toBe(first[at]);
  });

  test("is remembered by its spelling alone, however many there are", async () => {
    const { verify } = guard({ verdictCache: false });
    const tokens = await Promise.all(
      Array.from({ length: 70 }, (_, index) => signer.token(userClaims(), { index })),
    );
    for (const _round of [1, 2]) {
      for (const [index, one] of tokens.entries()) {
        expect((await verify(one)).header).toEqual({
          alg: "RS256",
          kid: "key-1",
          typ: "JWT",
          index,
        });
      }
    }
  });

  test("that was accepted once is still checked against the rules of another issuer", async () => {
    const keys = { find: async () => [key], known: () => [key] };
    const rival = "https://rival.cloudflareaccess.com";
    const { verify } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys, acceptedHeaderTypes: ["special"] },
        { team: rival, audience: AUDIENCE, keys },
      ],
      { now: () => NOW * 1000 },
    );
    const header = { typ: "special" };
    await verify(await signer.token(userClaims(), header));
    const other = await signer.token(userClaims({ iss: rival }), header);
    expect(await rejection(verify(other))).toMatchObject({
      code: "header_unsupported",
      claim: "typ",
    });
  });
});

describe("what is not remembered", () => {
  test("is a token that was only asked for", () => {
    const cache = new VerdictCache(4);
    cache.set({ text: "token-00000" } as Verdict);
    for (let index = 1; index < 9; index++) expect(cache.get(`token-0000${index}`)).toBeUndefined();
    expect(cache.young.size + cache.old.size).toBe(1);
    expect(cache.get("token-00000")).toBeDefined();
  });

  test("is a refused token", async () => {
    const { verify } = guard();
    const forged = await other.token(userClaims());
    for (let round = 0; round < 3; round++) {
      expect(await rejection(verify(forged))).toMatchObject({ code: "signature_invalid" });
    }
    expect(operations).toHaveBeenCalledTimes(3);
  });

  test("is a genuine token that was refused for its claims", async () => {
    const { verify } = guard();
    const early = await signer.token(userClaims({ nbf: NOW + 100 }));
    await rejection(verify(early));
    time = NOW + 100;
    await verify(early);
    expect(operations).toHaveBeenCalledTimes(2);
  });

  test("is another token with the same signature", async () => {
    const { verify } = guard();
    await verify(token);
    const [header, , signature] = token.split(".");
    const claims = Buffer.from(JSON.stringify(userClaims({ email: "lee@acme.example" })));
    const forged = `${header}.${claims.toString("base64url")}.${signature}`;
    expect(await rejection(verify(forged))).toMatchObject({ code: "signature_invalid" });
    const headers = Buffer.from('{"alg":"RS256","kid":"key-1","typ":"jwt"}').toString("base64url");
    const [, payload] = token.split(".");
    expect(await rejection(verify(`${headers}.${payload}.${signature}`))).toMatchObject({
      code: "signature_invalid",
    });
    expect((await verify(token)).principal).toMatchObject({ email: "kim@acme.example" });
  });

  test("is another token with the same signature, when the first was not used for long", async () => {
    const { verify } = guard({ verdictCache: { maxEntries: 4 } });
    const [header, , signature] = token.split(".");
    const claims = Buffer.from(JSON.stringify(userClaims({ email: "lee@acme.example" })));
    const forged = `${header}.${claims.toString("base64url")}.${signature}`;
    for (const others of [1, 2, 3, 4, 5]) {
      await verify(token);
      for (let index = 0; index < others; index++) {
        await verify(await signer.token(userClaims({ jti: `${others}.${index}` })));
      }
      expect(await rejection(verify(forged))).toMatchObject({ code: "signature_invalid" });
    }
  });

  test("is another spelling of the same token", async () => {
    const { verify } = guard();
    await verify(token);
    for (const spelling of [`${token}=`, ` ${token}`, `${token}\n`]) {
      expect(await rejection(verify(spelling))).toMatchObject({ code: "token_malformed" });
    }
  });

  test("is any token under a key set without known", async () => {
    const { verify } = guard({}, { find: async () => [key] });
    await verify(token);
    await verify(token);
    expect(operations).toHaveBeenCalledTimes(2);
  });

  test("is any token when the cache is off", async () => {
    const { verify } = guard({ verdictCache: false });
    await verify(token);
    await verify(token);
    expect(operations).toHaveBeenCalledTimes(2);
  });
});
