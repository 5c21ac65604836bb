import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, type Verifier } from "../../src/index.ts";
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
let token: string;
beforeAll(async () => {
  signer = await createSigner();
  token = await signer.token(userClaims());
});

const timed = (now: () => unknown): Verifier<unknown> => {
  const keys = { keys: [signer.jwk] };
  return createVerifier({ team: TEAM, audience: AUDIENCE, keys, now: now as () => number });
};

const BROKEN: readonly [name: string, time: unknown][] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["undefined", undefined],
  ["null", null],
  ["a string of digits", String(NOW * 1000)],
  ["a date", new Date(NOW * 1000)],
  ["a bigint", BigInt(NOW) * 1000n],
  ["a promise of the time", Promise.resolve(NOW * 1000)],
];

describe("a clock", () => {
  test.each(BROKEN)("that returns %s accepts no token", async (_, time) => {
    const verifier = timed(() => time);
    const request = { "cf-access-jwt-assertion": token };
    for (const act of [
      () => verifier.verify(token),
      () => verifier.safeVerify(token),
      () => verifier.verifyRequest(request),
      () => verifier.safeVerifyRequest(request),
      // Once more, now that the keys are known.
      () => verifier.prefetch().then(() => verifier.verify(token)),
    ]) {
      const error = await rejection(act());
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^now\(\) must be a finite number, got \w+/);
    }
  });

  test.each(BROKEN)(
    "that breaks later, and returns %s, accepts no remembered token",
    async (_, time) => {
      let read: unknown = NOW * 1000;
      const verifier = timed(() => read);
      await verifier.verify(token);
      read = time;
      expect(await rejection(verifier.verify(token))).toBeInstanceOf(TypeError);
      read = NOW * 1000;
      await verifier.verify(token);
    },
  );

  test("that throws accepts no token, and its error is the application's", async () => {
    const thrown = new Error("no clock");
    const verifier = timed(() => {
      throw thrown;
    });
    expect(await rejection(verifier.verify(token))).toBe(thrown);
    expect(await rejection(verifier.safeVerify(token))).toBe(thrown);
  });

  test("of zero or before the epoch is valid", async () => {
    for (const time of [0, -1000]) {
      const error = await rejection(timed(() => time).verify(token));
      expect(error).toMatchObject({ code: "token_not_yet_valid" });
    }
  });

  test("is the system's own by default", async () => {
    const keys = { keys: [signer.jwk] };
    const { verify } = createVerifier({ team: TEAM, audience: AUDIENCE, keys });
    expect(await rejection(verify(token))).toMatchObject({ code: "token_expired" });
    const time = Math.floor(Date.now() / 1000);
    const current = userClaims({ exp: time + 60, iat: time, nbf: time });
    expect(await verify(await signer.token(current))).toMatchObject({ issuer: TEAM });
  });
});
