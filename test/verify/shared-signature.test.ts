import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  type VerificationKey,
  type VerifiedAccessToken,
  type Verifier,
} from "../../src/index.ts";
import { AUDIENCE, createSigner, now, type Signer, TEAM, userClaims } from "../support/issuer.ts";
import { atOnce } from "../support/story-clock.ts";

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
beforeEach(() => {
  operations.mockRestore();
  operations = vi.spyOn(crypto.subtle, "verify");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function guard(options = {}, keys?: KeySet): Verifier<VerifiedAccessToken> {
  const held = { find: async () => [key], known: () => [key] };
  return createVerifier({ team: TEAM, audience: AUDIENCE, keys: keys ?? held, now, ...options });
}

/** The same characters in a new string, as each request has them. */
const again = (text: string): string => Buffer.from(text).toString("latin1");

describe("verifications of one token at one time", () => {
  test("share one operation", async () => {
    const { verify } = guard({ verdictCache: false });
    const verified = await Promise.all(Array.from({ length: 50 }, () => verify(again(token))));
    expect(operations).toHaveBeenCalledOnce();
    expect(new Set(verified.map(({ issuer }) => issuer))).toEqual(new Set([TEAM]));
  });

  test("share only the signature's result: each call is judged separately", async () => {
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

  test("are not shared with other tokens of the same end", async () => {
    const { safeVerify } = guard({ verdictCache: false });
    const [header, , signature] = token.split(".");
    const claims = Buffer.from(JSON.stringify(userClaims({ email: "lee@acme.example" })));
    const forged = `${header}.${claims.toString("base64url")}.${signature}`;
    const results = await Promise.all([forged, token, forged, token].map((one) => safeVerify(one)));
    expect(results.map(({ ok }) => ok)).toEqual([false, true, false, true]);
  });

  test("are not shared with a result under other keys", async () => {
    const wrong = { kid: key.kid, cryptoKey: await importJwk(other.jwk) };
    let round = 0;
    const keys = { find: async () => [round++ === 0 ? wrong : key] };
    const { safeVerify } = guard({}, keys);
    const results = await Promise.all([safeVerify(token), safeVerify(token)]);
    expect(results.map(({ ok }) => ok)).toEqual([false, true]);
  });

  test("are not shared with calls that have one more key, or another key after the same one", async () => {
    const [wrong, third] = await Promise.all(
      [other, await createSigner()].map(async ({ jwk }) => ({
        kid: key.kid,
        cryptoKey: await importJwk(jwk),
      })),
    );
    for (const few of [[wrong], [wrong, third]] as VerificationKey[][]) {
      let round = 0;
      const keys = { find: async () => (round++ === 0 ? few : [wrong, key]) as VerificationKey[] };
      const { safeVerify } = guard({}, keys);
      const results = await Promise.all([safeVerify(token), safeVerify(token)]);
      expect(results.map(({ ok }) => ok)).toEqual([false, true]);
    }
  });

  test("each report a key set that returns nonsense, whatever the other one got", async () => {
    const nonsense = undefined as unknown as VerificationKey;
    for (const [first, second] of [
      [nonsense, nonsense],
      [nonsense, key],
      [key, nonsense],
    ] as const) {
      let round = 0;
      const { safeVerify } = guard({}, { find: async () => [round++ === 0 ? first : second] });
      const results = await Promise.all([safeVerify(token), safeVerify(token)]);
      for (const [at, brought] of [first, second].entries()) {
        expect(results[at]).toMatchObject(
          brought === key ? { ok: true } : { ok: false, error: { code: "no_usable_keys" } },
        );
      }
    }
  });

  test("each report a key set that returns nonsense after another issuer's key", async () => {
    const wrong = { kid: key.kid, cryptoKey: await importJwk(other.jwk) };
    const found = [wrong, undefined] as VerificationKey[];
    const { safeVerify } = guard({}, { find: async () => found });
    for (const result of await Promise.all([safeVerify(token), safeVerify(token)])) {
      expect(result).toMatchObject({ ok: false, error: { code: "no_usable_keys" } });
    }
    expect(operations).toHaveBeenCalledOnce();
  });

  test("share a failure, and start afresh afterwards", async () => {
    const { safeVerify } = guard({ verdictCache: false });
    const cause = new DOMException("no", "OperationError");
    operations.mockRejectedValueOnce(cause);
    const results = await Promise.all([safeVerify(token), safeVerify(token)]);
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, error: { code: "no_usable_keys", cause } });
    }
    expect(await safeVerify(token)).toMatchObject({ ok: true });
  });

  test("share nothing but the work: a forgery of the same end costs one operation more", async () => {
    const { verify, safeVerify } = guard({ verdictCache: false });
    const [header, payload, signature = ""] = token.split(".");
    const bytes = Buffer.from(signature, "base64url");
    bytes.fill(0, 0, 128);
    const forged = `${header}.${payload}.${bytes.toString("base64url")}`;
    const all = [verify(token), safeVerify(forged), verify(again(token)), verify(again(token))];
    const [first, refused, ...others] = await Promise.all(all);
    expect(refused).toMatchObject({ ok: false, error: { code: "signature_invalid" } });
    expect(others).toEqual([first, first]);
    expect(operations).toHaveBeenCalledTimes(3);
    await Promise.all([verify(token), verify(again(token))]);
    expect(operations).toHaveBeenCalledTimes(4);
  });

  test("do not wait for ever for one whose promise died with its request", async () => {
    const { verify } = guard({ verdictCache: false });
    operations.mockReturnValueOnce(new Promise(() => {}));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const leader = verify(token);
    const follower = verify(again(token));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await atOnce(follower)).issuer).toBe(TEAM);
    expect(await Promise.race([leader, Promise.resolve("still waiting")])).toBe("still waiting");
  });

  test("choose one of them when the leader died, and follow that one", async () => {
    const { verify } = guard({ verdictCache: false });
    let answer = (_: boolean): void => {};
    const later = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    operations.mockReturnValueOnce(new Promise(() => {})).mockReturnValueOnce(later);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    verify(token);
    const followers = [verify(again(token)), verify(again(token)), verify(again(token))];
    await vi.advanceTimersByTimeAsync(1000);
    answer(true);
    expect(await atOnce(Promise.all(followers))).toHaveLength(3);
    expect(operations).toHaveBeenCalledTimes(2);
  });
});
