import { beforeAll, describe, expect, test } from "vitest";
import { createVerifier, type VerifiedAccessToken, type Verifier } from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  rejection,
  type Signer,
  serviceClaims,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

let signer: Signer;
let verifier: Verifier<VerifiedAccessToken>;
beforeAll(async () => {
  signer = await createSigner();
  const keys = { keys: [signer.jwk] };
  verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
});

/** Every object within a value that is not frozen. */
function thawed(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(thawed);
  return Object.isFrozen(value) ? below : [value, ...below];
}

describe("a verifier", () => {
  test("returns what an Access token says, and its principal", async () => {
    const claims = userClaims({ custom: { groups: ["staff"] } });
    const verified = await verifier.verify(await signer.token(claims));
    expect(verified).toEqual({
      payload: claims,
      header: { alg: "RS256", kid: "key-1", typ: "JWT" },
      issuer: TEAM,
      principal: {
        kind: "user",
        id: claims["sub"],
        email: "kim@acme.example",
        issuer: TEAM,
        country: "PT",
      },
    });
  });

  test("returns no principal for a token of another issuer", async () => {
    const keys = { keys: [signer.jwk] };
    const { verify } = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    const verified = await verify(await signer.token(apiClaims()));
    expect(verified).toEqual({
      payload: apiClaims(),
      header: { alg: "RS256", kid: "key-1", typ: "JWT" },
      issuer: ISSUER,
    });
  });

  test("returns a value that cannot be changed, the first time and every time", async () => {
    const claims = userClaims({ custom: { groups: [{ name: "staff" }], deep: [[[{}]]] } });
    const token = await signer.token(claims, { x5c: ["MIIB"] });
    for (const _round of [1, 2, 3]) {
      const verified = await verifier.verify(token);
      expect(thawed(verified)).toEqual([]);
      expect(() => {
        (verified.payload as { email: string }).email = "lee@acme.example";
      }).toThrow(TypeError);
      expect(verified.payload.email).toBe("kim@acme.example");
    }
  });

  test("has methods that work without their object", async () => {
    const { verify, safeVerify, verifyRequest, safeVerifyRequest, prefetch } = verifier;
    const token = await signer.token(serviceClaims());
    const request = { "cf-access-jwt-assertion": token };
    await prefetch();
    const verified = await verify(token);
    expect(await verifyRequest(request)).toEqual(verified);
    expect(await safeVerify(token)).toEqual({ ok: true, value: verified });
    expect(await safeVerifyRequest(request)).toEqual({ ok: true, value: verified });
  });

  test("never throws before it returns its promise", () => {
    for (const value of [undefined, Symbol("token"), 7]) {
      const promises = [
        verifier.verify(value as never),
        verifier.safeVerify(value as never),
        verifier.verifyRequest(value as never),
        verifier.safeVerifyRequest(value as never),
        verifier.verify(value as never, 7 as never),
      ];
      for (const promise of promises) {
        expect(promise).toBeInstanceOf(Promise);
        promise.catch(() => {});
      }
    }
  });

  test.each([undefined, null, "a request", 7, true, Symbol("request"), () => {}])(
    "takes a request for a token as a caller's mistake: %s",
    async (request) => {
      for (const act of [verifier.verifyRequest, verifier.safeVerifyRequest]) {
        const error = await rejection(act(request as never));
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toMatch(/^request must be .+, got \w+/);
      }
    },
  );

  test("does not change when its options are changed later", async () => {
    const audience = [AUDIENCE];
    const requiredClaims: string[] = [];
    const keys = { keys: [signer.jwk] };
    const options = { team: TEAM, audience, requiredClaims, keys, now };
    const { verify } = createVerifier(options);
    audience.push("other");
    requiredClaims.push("absent");
    options.team = "rival";
    options.now = () => Number.NaN;
    keys.keys.pop();
    expect((await verify(await signer.token(userClaims()))).issuer).toBe(TEAM);
    const other = await signer.token(userClaims({ aud: "other" }));
    expect(await rejection(verify(other))).toMatchObject({ code: "audience_mismatch" });
  });
});

describe("claims with the names of object members", () => {
  test("are data, and nothing else", async () => {
    const header = `{"alg":"RS256","kid":"key-1","__proto__":{"crit":["exp"],"alg":"none"}}`;
    const payload = `${JSON.stringify(userClaims()).slice(0, -1)},${[
      '"__proto__":{"email":"lee@acme.example","admin":true}',
      '"constructor":{"prototype":{"admin":true}}',
      '"hasOwnProperty":false',
      '"toString":null',
    ].join(",")}}`;
    const verified = await verifier.verify(await signer.spelt(header, payload));
    expect(verified.principal).toMatchObject({ email: "kim@acme.example" });
    expect(Object.keys(verified.payload)).toContain("__proto__");
    expect((verified.payload as { admin?: unknown }).admin).toBeUndefined();
    expect(Object.getPrototypeOf(verified.payload)).toBe(Object.prototype);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("do not replace claims that are absent", async () => {
    const { email: _, ...claims } = userClaims();
    const payload = `${JSON.stringify(claims).slice(0, -1)},"__proto__":{"email":"lee@acme.example"}}`;
    const token = await signer.spelt('{"alg":"RS256","kid":"key-1"}', payload);
    expect(await rejection(verifier.verify(token))).toMatchObject({
      code: "claim_invalid",
      claim: "email",
    });
    const header = '{"kid":"key-1","__proto__":{"alg":"RS256"}}';
    const bare = await signer.spelt(header, JSON.stringify(userClaims()));
    expect(await rejection(verifier.verify(bare))).toMatchObject({ code: "algorithm_not_allowed" });
  });
});
