import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  type VerificationKey,
  type VerifiedAccessToken,
  type Verifier,
} from "../../src/index.ts";
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

/** The same characters in a string of its own, as each request brings them. */
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

  test("expires on a fresh clock", async () => {
    const { verify } = guard({ clockToleranceSeconds: 0 });
    await verify(token);
    time = NOW + 3600 - 0.001;
    await verify(token);
    time = NOW + 3600;
    expect(await rejection(verify(token))).toMatchObject({ code: "token_expired", claim: "exp" });
  });

  test("is too old on a fresh clock", async () => {
    const { verify } = guard({ clockToleranceSeconds: 0, maxTokenAgeSeconds: 100 });
    await verify(token);
    time = NOW + 39.999;
    await verify(token);
    time = NOW + 40;
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

  test("is refused when its key was withdrawn", async () => {
    let keys = [key];
    const { verify } = guard({}, { find: async () => keys, known: () => keys });
    await verify(token);
    keys = [];
    expect(await rejection(verify(token))).toMatchObject({ code: "key_not_found" });
    keys = [key];
    await verify(token);
  });

  test("is verified anew, and refused, when its kid names another key", async () => {
    let keys = [key];
    const { verify } = guard({}, { find: async () => keys, known: () => keys });
    await verify(token);
    keys = [{ kid: key.kid, cryptoKey: await importJwk(other.jwk) }];
    expect(await rejection(verify(token))).toMatchObject({ code: "signature_invalid" });
  });

  test("asks its key set every time, so that a refresh can start behind", async () => {
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

  test("is held against the audience of each call", async () => {
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

  test("is kept while it is in use, be there many others", async () => {
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

describe("what is not remembered", () => {
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

  test("is another spelling of the same token", async () => {
    const { verify } = guard();
    await verify(token);
    for (const spelling of [`${token}=`, ` ${token}`, `${token}\n`]) {
      expect(await rejection(verify(spelling))).toMatchObject({ code: "token_malformed" });
    }
  });

  test("is anything under a key set that cannot say what it knows", async () => {
    const { verify } = guard({}, { find: async () => [key] });
    await verify(token);
    await verify(token);
    expect(operations).toHaveBeenCalledTimes(2);
  });

  test("is anything when the options say so", async () => {
    const { verify } = guard({ verdictCache: false });
    await verify(token);
    await verify(token);
    expect(operations).toHaveBeenCalledTimes(2);
  });
});

describe("verifications of one token at one time", () => {
  test("share one operation", async () => {
    const { verify } = guard({ verdictCache: false });
    const verified = await Promise.all(Array.from({ length: 50 }, () => verify(again(token))));
    expect(operations).toHaveBeenCalledOnce();
    expect(new Set(verified.map(({ issuer }) => issuer))).toEqual(new Set([TEAM]));
  });

  test("share only the signature's result: each call is judged for itself", async () => {
    const { verify, safeVerify } = guard({ audience: [AUDIENCE, "admin"], verdictCache: false });
    const [all, narrow, other] = await Promise.all([
      verify(token),
      verify(token, { audience: AUDIENCE }),
      safeVerify(token, { audience: "admin" }),
    ]);
    expect(all).toEqual(narrow);
    expect(other).toMatchObject({ ok: false, error: { code: "audience_mismatch" } });
    expect(operations).toHaveBeenCalledOnce();
  });

  test("do not share with other tokens of the same end", async () => {
    const { safeVerify } = guard({ verdictCache: false });
    const [header, , signature] = token.split(".");
    const claims = Buffer.from(JSON.stringify(userClaims({ email: "lee@acme.example" })));
    const forged = `${header}.${claims.toString("base64url")}.${signature}`;
    const results = await Promise.all([forged, token, forged, token].map((one) => safeVerify(one)));
    expect(results.map(({ ok }) => ok)).toEqual([false, true, false, true]);
  });

  test("do not share what was found under other keys", async () => {
    const wrong = { kid: key.kid, cryptoKey: await importJwk(other.jwk) };
    let round = 0;
    const keys = { find: async () => [round++ === 0 ? wrong : key] };
    const { safeVerify } = guard({}, keys);
    const results = await Promise.all([safeVerify(token), safeVerify(token)]);
    expect(results.map(({ ok }) => ok)).toEqual([false, true]);
  });

  test("share a failure, and are free of it afterwards", async () => {
    const { safeVerify } = guard({ verdictCache: false });
    operations.mockRejectedValueOnce(new DOMException("no", "OperationError"));
    const results = await Promise.all([safeVerify(token), safeVerify(token)]);
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, error: { code: "no_usable_keys" } });
    }
    expect(await safeVerify(token)).toMatchObject({ ok: true });
  });

  test("do not wait for ever for one whose promise died with its request", async () => {
    const { verify } = guard({ verdictCache: false });
    operations.mockReturnValueOnce(new Promise(() => {}));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const leader = verify(token);
    const follower = verify(again(token));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await follower).issuer).toBe(TEAM);
    expect(await Promise.race([leader, Promise.resolve("still waiting")])).toBe("still waiting");
  });
});
