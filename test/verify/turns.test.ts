import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createVerifier, importJwk, type VerificationKey } from "../../src/index.ts";
import { AUDIENCE, createSigner, now, type Signer, TEAM, userClaims } from "../support/issuer.ts";

let signer: Signer;
let key: VerificationKey;
beforeAll(async () => {
  signer = await createSigner();
  key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** How many turns of the microtask queue pass until a promise calls back. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let isOver = false;
  promise.then(() => {
    isOver = true;
  });
  let turns = 0;
  for (; !isOver && turns < 100; turns++) await null;
  return turns;
}

const guard = () =>
  createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    keys: { find: async () => [key], known: () => [key] },
    now,
  });

/** The turns that pass after the engine has answered. Awaiting the engine itself takes one. */
async function turnsAfterTheEngine(
  work: (guarded: ReturnType<typeof guard>, token: string) => Promise<unknown>,
): Promise<number> {
  let answer = (_isGood: boolean): void => {};
  const answered = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  vi.spyOn(crypto.subtle, "verify").mockReturnValue(answered);
  const working = work(guard(), await signer.token(userClaims()));
  await new Promise((resolve) => setTimeout(resolve, 1));
  answer(true);
  return turnsUntil(working);
}

describe("between the engine's answer and ours", () => {
  test("verify and verifyRequest each have two async functions: one per token, one for the engine", async () => {
    expect(await turnsAfterTheEngine(({ verify }, token) => verify(token))).toBe(3);
    const request = (token: string) => ({ headers: { "cf-access-jwt-assertion": token } });
    expect(
      await turnsAfterTheEngine(({ verifyRequest }, token) => verifyRequest(request(token))),
    ).toBe(3);
    expect(
      await turnsAfterTheEngine(({ safeVerifyRequest }, token) =>
        safeVerifyRequest(request(token)),
      ),
    ).toBe(4);
  });

  test("a remembered token takes a single turn", async () => {
    const { verify, safeVerify } = guard();
    const token = await signer.token(userClaims());
    await verify(token);
    expect(await turnsUntil(verify(token))).toBe(1);
    expect(await turnsUntil(safeVerify(token))).toBe(2);
  });
});
