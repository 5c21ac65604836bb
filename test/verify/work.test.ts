import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createVerifier, importJwk, type VerificationKey } from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  now,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let attacker: Signer;
let key: VerificationKey;
beforeAll(async () => {
  [signer, attacker] = await Promise.all([createSigner(), createSigner()]);
  key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
});
afterEach(() => {
  vi.restoreAllMocks();
});

const guard = () =>
  createVerifier({
    team: TEAM,
    audience: AUDIENCE,
    keys: { find: async () => [key], known: () => [key] },
    now,
  });

describe("the work that a request can cause", () => {
  test("two cookies that were accepted before cost no signature check", async () => {
    const { verifyRequest } = guard();
    const tokens = [await signer.token(userClaims()), await signer.token(userClaims({ jti: "2" }))];
    const headers = { cookie: tokens.map((token) => `CF_Authorization=${token}`).join("; ") };
    const operations = vi.spyOn(crypto.subtle, "verify");
    for (let time = 0; time < 5; time++) await verifyRequest({ headers });
    expect(operations).toHaveBeenCalledTimes(2);
  });

  test.each([10, 2000])(
    "a forged token with %i nested claims has none of them frozen",
    async (count) => {
      const { verify } = guard();
      await verify(await signer.token(userClaims()));
      const nested = Array.from({ length: count }, () => [[]]);
      const token = await attacker.token(userClaims({ nested }));
      const freeze = vi.spyOn(Object, "freeze");
      expect(await rejection(verify(token))).toMatchObject({ code: "signature_invalid" });
      expect(freeze.mock.calls.length).toBeLessThan(5);
    },
  );
});

describe("a static set", () => {
  test.each([
    ["expired", { exp: 1 }],
    ["for another application", { aud: ["other"] }],
    ["of another issuer", { iss: "https://attacker.example" }],
  ])("gives a forged token that is %s the same verdict first and later", async (_, claims) => {
    const { verify } = createVerifier({
      team: TEAM,
      audience: AUDIENCE,
      keys: { keys: [signer.jwk] },
      now,
    });
    const token = await attacker.token(userClaims(claims));
    const first = await rejection(verify(token));
    const second = await rejection(verify(token));
    expect(first).toMatchObject({ code: "signature_invalid", verified: false });
    expect(second).toMatchObject({ code: "signature_invalid", verified: false });
  });
});
