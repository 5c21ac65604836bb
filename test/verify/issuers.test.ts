import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  createStaticKeySet,
  createVerifier,
  type KeySet,
  TokenError,
  type VerifiedAccessToken,
} from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  NOW,
  now,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

const RIVAL = "https://rival.cloudflareaccess.com";

let ours: Signer;
let theirs: Signer;
beforeAll(async () => {
  // The kid is the same on purpose: it says nothing about the issuer.
  [ours, theirs] = await Promise.all([createSigner("key-1"), createSigner("key-1")]);
});

/** A static set that counts its lookups. */
function counted(signer: Signer): KeySet & { asked: () => number } {
  const keys = createStaticKeySet({ keys: [signer.jwk] });
  const find = vi.fn(keys.find);
  const known = vi.fn(keys.known as NonNullable<KeySet["known"]>);
  return { find, known, asked: () => find.mock.calls.length + known.mock.calls.length };
}

const two = (options = {}): ReturnType<typeof createVerifier> =>
  createVerifier(
    [
      { team: TEAM, audience: AUDIENCE, keys: { keys: [ours.jwk] } },
      { team: RIVAL, audience: "rival-app", keys: { keys: [theirs.jwk] } },
    ],
    { now, ...options },
  );

describe("a team beside another issuer", () => {
  const both = (options = {}): ReturnType<typeof createVerifier> =>
    createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys: { keys: [ours.jwk] } },
        { issuer: ISSUER, audience: AUDIENCE, keys: { keys: [ours.jwk] } },
      ],
      { now, ...options },
    );
  const assertion = (token: string) => ({ "cf-access-jwt-assertion": token });
  const cookie = (token: string) => ({ cookie: `CF_Authorization=${token}` });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test("has its tokens where Access puts them, and the other's are bearer tokens", async () => {
    const { verifyRequest } = both();
    const access = await ours.token(userClaims());
    const api = await ours.token(apiClaims());
    expect((await verifyRequest(assertion(access))).issuer).toBe(TEAM);
    expect((await verifyRequest(cookie(access))).issuer).toBe(TEAM);
    expect((await verifyRequest(bearer(api))).issuer).toBe(ISSUER);
    expect((await verifyRequest({ ...assertion(access), ...bearer(api) })).issuer).toBe(TEAM);
  });

  test("accepts neither token in the other's place, accepted before or not", async () => {
    const { verify, verifyRequest } = both();
    const access = await ours.token(userClaims());
    const api = await ours.token(apiClaims());
    for (const _round of ["new", "remembered"]) {
      for (const request of [bearer(access), assertion(api), cookie(api)]) {
        expect(await rejection(verifyRequest(request))).toMatchObject({ code: "issuer_mismatch" });
      }
      await Promise.all([verify(access), verify(api)]);
    }
  });

  test("has its tokens wherever the application reads them", async () => {
    const { verifyRequest } = both({ readToken: (headers: Headers) => headers.get("x-token") });
    const tokens = [await ours.token(userClaims()), await ours.token(apiClaims())];
    const verified = await Promise.all(tokens.map((token) => verifyRequest({ "x-token": token })));
    expect(verified.map(({ issuer }) => issuer)).toEqual([TEAM, ISSUER]);
  });
});

describe("several issuers", () => {
  test("are told apart by an exact iss", async () => {
    const { verify } = two();
    const [one, other] = await Promise.all([
      verify(await ours.token(userClaims())),
      verify(await theirs.token(userClaims({ iss: RIVAL, aud: "rival-app" }))),
    ]);
    expect([one.issuer, other.issuer]).toEqual([TEAM, RIVAL]);
  });

  test("make different principals of one email and one sub", async () => {
    const { verify } = two();
    const one = (await verify(await ours.token(userClaims()))) as VerifiedAccessToken;
    const token = await theirs.token(userClaims({ iss: RIVAL, aud: "rival-app" }));
    const other = (await verify(token)) as VerifiedAccessToken;
    expect(one.principal).toMatchObject({ email: "kim@acme.example", issuer: TEAM });
    expect(other.principal).toMatchObject({ email: "kim@acme.example", issuer: RIVAL });
    expect(one.principal).not.toEqual(other.principal);
  });

  test("cannot sign for each other", async () => {
    const { verify } = two();
    const forged = await theirs.token(userClaims());
    expect(await rejection(verify(forged))).toMatchObject({ code: "signature_invalid" });
  });

  test("do not share their audiences", async () => {
    const { verify } = two();
    const token = await ours.token(userClaims({ aud: "rival-app" }));
    expect(await rejection(verify(token))).toMatchObject({ code: "audience_mismatch" });
  });

  test("have their own options each", async () => {
    const keys = { keys: [ours.jwk] };
    const { verify } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys, clockToleranceSeconds: 0, check: () => false },
        { issuer: ISSUER, audience: AUDIENCE, keys, requiredClaims: ["scope"] },
      ],
      { now },
    );
    const expired = await ours.token(userClaims({ exp: NOW }));
    expect(await rejection(verify(expired))).toMatchObject({ code: "token_expired" });
    const checked = await ours.token(userClaims());
    expect(await rejection(verify(checked))).toMatchObject({ code: "forbidden" });
    const bare = await ours.token(apiClaims());
    expect(await rejection(verify(bare))).toMatchObject({ code: "claim_missing", claim: "scope" });
    const scoped = await ours.token(apiClaims({ scope: "read", exp: NOW }));
    expect(await verify(scoped)).not.toHaveProperty("principal");
  });

  test.each([
    ["another issuer", "https://other.cloudflareaccess.com"],
    ["a trailing slash", `${TEAM}/`],
    ["another case", TEAM.toUpperCase()],
    ["a name that only a prototype has", "constructor"],
    ["__proto__", "__proto__"],
    ["an empty string", ""],
    ["a number", 7],
    ["null", null],
    ["a list of a known one", [TEAM]],
    ["nothing", undefined],
  ])("do not accept %s, and ask no key set", async (_, iss) => {
    const [one, other] = [counted(ours), counted(theirs)];
    const { verify } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys: one },
        { team: RIVAL, audience: AUDIENCE, keys: other },
      ],
      { now },
    );
    const error = await rejection(verify(await ours.token(userClaims({ iss }))));
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toMatchObject({ claim: "iss", verified: false });
    const code = iss === undefined ? "claim_missing" : "issuer_mismatch";
    expect((error as TokenError).code).toBe(code);
    expect([one.asked(), other.asked()]).toEqual([0, 0]);
  });

  test("are each asked only about their own tokens", async () => {
    const [one, other] = [counted(ours), counted(theirs)];
    const { verify } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys: one },
        { team: RIVAL, audience: AUDIENCE, keys: other },
      ],
      { now },
    );
    await verify(await ours.token(userClaims()));
    expect(one.asked()).toBeGreaterThan(0);
    expect(other.asked()).toBe(0);
  });

  test("are all prefetched", async () => {
    const prefetches = [vi.fn(async () => {}), vi.fn(async () => {})];
    const [one, other] = prefetches.map((prefetch) => ({ find: async () => [], prefetch }));
    const verifier = createVerifier([
      { team: TEAM, audience: AUDIENCE, keys: one as KeySet },
      { team: RIVAL, audience: AUDIENCE, keys: other as KeySet },
    ]);
    await verifier.prefetch();
    for (const prefetch of prefetches) expect(prefetch).toHaveBeenCalledOnce();
  });
});

describe("the audience of a call", () => {
  const several = (): ReturnType<typeof createVerifier> =>
    createVerifier({ team: TEAM, audience: ["app", "admin"], keys: { keys: [ours.jwk] }, now });

  test("narrows what was configured", async () => {
    const { verify } = several();
    const token = await ours.token(userClaims({ aud: ["app"] }));
    // More than once, so that remembered tokens are narrowed as well.
    for (const _round of [1, 2]) {
      expect((await verify(token)).issuer).toBe(TEAM);
      expect((await verify(token, { audience: "app" })).issuer).toBe(TEAM);
      expect((await verify(token, { audience: ["admin", "app"] })).issuer).toBe(TEAM);
      expect(await rejection(verify(token, { audience: "admin" }))).toMatchObject({
        code: "audience_mismatch",
        expected: ["admin"],
      });
    }
  });

  test("narrows the tokens of a request as well", async () => {
    const { verifyRequest } = several();
    const request = { "cf-access-jwt-assertion": await ours.token(userClaims({ aud: "app" })) };
    expect((await verifyRequest(request, { audience: "app" })).issuer).toBe(TEAM);
    expect(await rejection(verifyRequest(request, { audience: "admin" }))).toMatchObject({
      code: "audience_mismatch",
    });
  });

  test.each([["other"], [["app", "other"]], ["APP"], ["app,admin"]])(
    "never widens it: %j is a caller's mistake",
    async (audience) => {
      const { verify, safeVerify } = several();
      const token = await ours.token(userClaims({ aud: ["other", "app"] }));
      const error = await rejection(verify(token, { audience }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^audience must be one of those configured, got/);
      expect(await rejection(safeVerify(token, { audience }))).toBeInstanceOf(TypeError);
    },
  );

  test.each([[""], [[]], [[""]], [null], [0], [false], [{}], [["app", ""]], [["app", 7]]])(
    "never means any: %j is a caller's mistake",
    async (audience) => {
      const token = await ours.token(userClaims({ aud: ["app"] }));
      const error = await rejection(several().verify(token, { audience: audience as string }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^audience must be .+, got \w+/);
    },
  );

  test("of one issuer opens nothing at another", async () => {
    const { verify } = two();
    const token = await ours.token(userClaims({ aud: [AUDIENCE, "rival-app"] }));
    expect(await rejection(verify(token, { audience: "rival-app" }))).toMatchObject({
      code: "audience_mismatch",
    });
  });

  test.each([null, "app", ["app"], 7, true])(
    "is a member of an options object: %j is a caller's mistake",
    async (call) => {
      const token = await ours.token(userClaims({ aud: ["app"] }));
      const error = await rejection(several().verify(token, call as never));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^call options must be an object, got \w+/);
    },
  );

  test("has only known names, unless it is an instance of a class", async () => {
    const token = await ours.token(userClaims({ aud: ["app"] }));
    const error = await rejection(several().verify(token, { audiences: "app" } as never));
    expect(error).toEqual(
      new TypeError('call options must not have "audiences", did you mean "audience"?'),
    );
    class Context {
      audiences = "app";
    }
    expect(await several().verify(token, new Context() as never)).toHaveProperty("issuer");
  });

  test.each([
    ["signal", "an AbortSignal", [null, "x", 7, {}, new AbortController()]],
    ["waitUntil", "a function", ["x", 7, {}, Promise.resolve()]],
  ])("has a %s that is %s, also when no call has to wait", async (name, expected, values) => {
    const token = await ours.token(userClaims({ aud: ["app"] }));
    const { verify, verifyRequest } = several();
    for (const value of values) {
      const call = { [name]: value } as never;
      const type = value instanceof Promise ? "a promise" : value === null ? "null" : typeof value;
      const sentence = `${name} must be ${expected}, got ${type}`;
      await expect(verify(token, call)).rejects.toThrow(new TypeError(sentence));
      await expect(verifyRequest({}, call)).rejects.toThrow(new TypeError(sentence));
    }
    await verify(token, { [name]: undefined });
  });
});
