import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createVerifier, type Verifier } from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  now,
  type Signer,
  serviceClaims,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let tokens: readonly [string, string, ...string[]];
beforeAll(async () => {
  signer = await createSigner();
  const stranger = await createSigner();
  tokens = await Promise.all([
    signer.token(userClaims()),
    signer.token(serviceClaims()),
    signer.token(userClaims({ aud: ["other"] })),
    signer.token(userClaims({ exp: 1 })),
    stranger.token(userClaims()),
  ]);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const guard = (): Verifier<unknown> =>
  createVerifier({ team: TEAM, audience: AUDIENCE, keys: { keys: [signer.jwk] }, now });

/** A guard's answer to every token: the principal, or the code of the refusal. */
async function verdicts({ safeVerify }: Verifier<unknown>): Promise<unknown[]> {
  const results = await Promise.all(tokens.map((token) => safeVerify(token)));
  return results.map((result) => (result.ok ? result.value : result.error.code));
}

/**
 * What postern took at load, with an answer that would accept every token, or show what is read.
 */
const REPLACED = {
  "JSON.parse": () =>
    vi.spyOn(JSON, "parse").mockReturnValue(Object.freeze({ alg: "RS256", ...userClaims() })),
  atob: () => vi.spyOn(globalThis, "atob").mockReturnValue('{"alg":"RS256"}'),
  "Object.hasOwn": () => vi.spyOn(Object, "hasOwn").mockReturnValue(true),
  "Object.getPrototypeOf": () => vi.spyOn(Object, "getPrototypeOf").mockReturnValue(null),
};

describe("a built-in that was replaced after postern was loaded", () => {
  test.each(Object.entries(REPLACED))(
    "is not called, and sees no token: %s",
    async (_, replace) => {
      const expected = await verdicts(guard());
      const after = guard();
      const replaced = replace();
      const actual = await verdicts(after);
      const calls = replaced.mock.calls.length;
      vi.restoreAllMocks();
      expect(expected.slice(2)).toEqual([
        "audience_mismatch",
        "token_expired",
        "signature_invalid",
      ]);
      expect(actual).toEqual(expected);
      expect(calls).toBe(0);
    },
  );
});

describe("WebCrypto, replaced", () => {
  test("is trusted: code that can replace it controls the verification", async () => {
    // The payload of one token under the signature of another.
    const [[head, payload], signature] = [tokens[0].split("."), tokens[1].split(".").at(-1)];
    const forged = [head, payload, signature].join(".");
    expect(await guard().safeVerify(forged)).toMatchObject({ ok: false });
    vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
    expect(await guard().safeVerify(forged)).toMatchObject({ ok: true });
  });
});
