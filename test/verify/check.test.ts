import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  type CallOptions,
  createVerifier,
  KeySetError,
  TokenError,
  type VerifiedAccessToken,
  type Verifier,
} from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  NOW,
  now,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let token: string;
beforeAll(async () => {
  signer = await createSigner();
  token = await signer.token(userClaims());
});

function guarded(
  check: (verified: VerifiedAccessToken, call: CallOptions) => unknown,
): Verifier<VerifiedAccessToken> {
  const keys = { keys: [signer.jwk] };
  return createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    keys,
    now,
    check: check as () => boolean,
  });
}

/** What `await` takes for a promise, although it is none. */
function thenable(value: boolean): object {
  const then = (resolve: (value: boolean) => void): void => resolve(value);
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is answered here
  return Object.defineProperty({}, "then", { value: then });
}

describe("a check of the application's own", () => {
  test.each([
    ["true", () => true],
    ["undefined", () => undefined],
    ["nothing", () => {}],
    ["a promise of true", async () => true],
    ["a promise of nothing", async () => {}],
    ["a thenable of true", () => thenable(true)],
  ])("accepts when it answers %s", async (_, check) => {
    expect((await guarded(check).verify(token)).issuer).toBe(TEAM);
  });

  test.each([
    ["false", () => false],
    ["0", () => 0],
    ["1", () => 1],
    ["an empty string", () => ""],
    ['"true"', () => "true"],
    ["null", () => null],
    ["NaN", () => Number.NaN],
    ["an object", () => ({})],
    ["an empty array", () => []],
    ["a Boolean object", () => new Boolean(true)],
    ["a function", () => () => true],
    ["a symbol", () => Symbol("true")],
    ["a promise of false", async () => false],
    ["a promise of null", async () => null],
    ["a promise of a string", async () => "true"],
    ["a thenable of false", () => thenable(false)],
  ])("refuses with 403 when it answers %s", async (_, check) => {
    const { verify, safeVerify } = guarded(check);
    // The second time the token's verdict is remembered.
    for (const _round of [1, 2]) {
      const error = await rejection(verify(token));
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ code: "forbidden", status: 403, verified: true });
      expect(await safeVerify(token)).toMatchObject({ ok: false, error: { code: "forbidden" } });
    }
  });

  test.each([
    ["an error", new Error("database down")],
    ["a TypeError", new TypeError("undefined is not a function")],
    ["a string", "no"],
    ["undefined", undefined],
    ["null", null],
    ["false", false],
  ])(
    "is the application's fault when it throws %s, and the token is refused",
    async (_, thrown) => {
      const rejecting = guarded(() => Promise.reject(thrown));
      const throwing = guarded(() => {
        throw thrown;
      });
      const request = { "cf-access-jwt-assertion": token };
      for (const verifier of [rejecting, throwing]) {
        expect(await rejection(verifier.verify(token))).toBe(thrown);
        expect(await rejection(verifier.safeVerify(token))).toBe(thrown);
        expect(await rejection(verifier.verifyRequest(request))).toBe(thrown);
        expect(await rejection(verifier.safeVerifyRequest(request))).toBe(thrown);
      }
    },
  );

  test.each([
    new TokenError("claim_invalid", { claim: "email" }),
    new TokenError("forbidden"),
    new KeySetError("backing_off", { retryAfterSeconds: 3 }),
  ])("may throw one of our own errors, which is passed on unchanged: %s", async (thrown) => {
    const { verify, safeVerify } = guarded(() => {
      throw thrown;
    });
    expect(await rejection(verify(token))).toBe(thrown);
    expect(await safeVerify(token)).toEqual({ ok: false, error: thrown });
  });

  test("receives the frozen result and the call", async () => {
    const check = vi.fn(() => true);
    const call = { audience: AUDIENCE };
    const verified = await guarded(check).verify(token, call);
    expect(check).toHaveBeenCalledExactlyOnceWith(verified, call, expect.any(String));
    expect(Object.isFrozen(verified)).toBe(true);
  });

  test("receives an object for the call even when the caller passed none", async () => {
    const check = vi.fn((_: unknown, { audience }: CallOptions) => audience === undefined);
    expect((await guarded(check).verify(token)).issuer).toBe(TEAM);
  });

  test("runs for every caller, whatever is remembered or shared", async () => {
    const check = vi.fn(() => true);
    const { verify } = guarded(check);
    await Promise.all([verify(token), verify(token), verify(token)]);
    await verify(token);
    expect(check).toHaveBeenCalledTimes(4);
  });

  test("may answer differently the next time", async () => {
    let isMember = true;
    const { verify } = guarded(() => isMember);
    await verify(token);
    isMember = false;
    expect(await rejection(verify(token))).toMatchObject({ code: "forbidden" });
    isMember = true;
    expect((await verify(token)).issuer).toBe(TEAM);
  });

  test("never sees a token that was refused for another reason", async () => {
    const check = vi.fn(() => true);
    const { verify } = guarded(check);
    const refused = await Promise.all([
      signer.token(userClaims({ exp: NOW - 3600 })),
      signer.token(userClaims({ aud: ["other"] })),
      signer.token(userClaims({ type: "org" })),
      signer.token(userClaims({ email: undefined })),
      signer.token(userClaims(), { alg: "none" }),
      `${token.slice(0, -8)}AAAAAAAA`,
    ]);
    for (const one of refused) await rejection(verify(one));
    expect(check).not.toHaveBeenCalled();
  });
});
