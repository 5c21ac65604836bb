import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  KeySetError,
  type LookupHeader,
  TokenError,
  type VerificationKey,
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
  serviceClaims,
  TEAM,
  userClaims,
} from "../support/issuer.ts";
import { atOnce } from "../support/story-clock.ts";

let held: Signer;
let fresh: Signer;
let key: { [kid: string]: VerificationKey };
beforeAll(async () => {
  [held, fresh] = await Promise.all([createSigner("held"), createSigner("fresh")]);
  key = {
    held: { kid: "held", cryptoKey: await importJwk(held.jwk) },
    fresh: { kid: "fresh", cryptoKey: await importJwk(fresh.jwk) },
  };
});

const cookies = (...tokens: string[]): { cookie: string } => ({
  cookie: tokens.map((token) => `CF_Authorization=${token}`).join("; "),
});

/** Knows one key; the other one has to be looked up. */
function guard(find: KeySet["find"], options = {}): Verifier<VerifiedAccessToken> {
  const known = ({ kid }: LookupHeader): VerificationKey[] =>
    kid === "held" ? [key["held"] as VerificationKey] : [];
  return createVerifier({ team: TEAM, audience: AUDIENCE, keys: { known, find }, now, ...options });
}

const found: KeySet["find"] = async ({ kid }) => [key[kid as string] as VerificationKey];
const none: KeySet["find"] = async () => [];
const kim = (claims = {}): object => userClaims({ jti: String(Math.random()), ...claims });

describe("a request with several cookies", () => {
  test("is accepted by any valid one", async () => {
    const good = await held.token(kim());
    const expired = await held.token(kim({ exp: NOW - 3600 }));
    const { verifyRequest } = guard(none);
    for (const request of [
      cookies(good),
      cookies(expired, good),
      cookies("nonsense", good, expired),
      cookies("a.b.c", "....", good),
      cookies(good, good),
    ]) {
      expect((await verifyRequest(request)).principal).toMatchObject({ email: "kim@acme.example" });
    }
  });

  test("is accepted by a known key without waiting for an unknown one", async () => {
    const find = vi.fn<KeySet["find"]>(() => new Promise(() => {}));
    const { verifyRequest } = guard(find);
    const request = cookies(await fresh.token(kim()), await held.token(kim()));
    expect((await atOnce(verifyRequest(request))).header.kid).toBe("held");
    expect(find).not.toHaveBeenCalled();
  });

  test("is accepted by an unknown key when those of known ones are refused", async () => {
    const { verifyRequest } = guard(found);
    const expired = await held.token(kim({ exp: NOW - 3600 }));
    const request = cookies(expired, "nonsense", await fresh.token(kim()));
    expect((await verifyRequest(request)).header.kid).toBe("fresh");
  });

  test("is ambiguous with the tokens of two principals", async () => {
    const { verifyRequest, safeVerifyRequest } = guard(none);
    const one = await held.token(kim());
    for (const other of [
      await held.token(kim({ sub: "another", email: "lee@acme.example" })),
      await held.token(kim({ sub: "another" })),
      await held.token(serviceClaims()),
      await held.token(serviceClaims({ common_name: userClaims()["sub"] })),
    ]) {
      for (const request of [cookies(one, other), cookies(other, one), cookies("x", one, other)]) {
        const error = await rejection(verifyRequest(request));
        expect(error).toBeInstanceOf(TokenError);
        expect(error).toMatchObject({ code: "token_ambiguous", status: 401, verified: true });
        expect((await safeVerifyRequest(request)).ok).toBe(false);
      }
    }
  });

  test("is ambiguous for two principals under unknown keys as well", async () => {
    const { verifyRequest } = guard(found);
    const request = cookies(await fresh.token(kim()), await fresh.token(kim({ sub: "another" })));
    expect(await rejection(verifyRequest(request))).toMatchObject({ code: "token_ambiguous" });
  });

  test("is not ambiguous with two tokens of one principal: the first one counts", async () => {
    const { verifyRequest } = guard(none);
    const first = await held.token(kim({ jti: "first" }));
    const second = await held.token(kim({ jti: "second" }));
    expect((await verifyRequest(cookies(first, second))).payload.jti).toBe("first");
    expect((await verifyRequest(cookies(second, first))).payload.jti).toBe("second");
  });

  test("is ambiguous for one sub of two teams", async () => {
    const rival = "https://rival.cloudflareaccess.com";
    const keys = { find: found, known: () => [key["held"] as VerificationKey] };
    const { verifyRequest } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys },
        { team: rival, audience: AUDIENCE, keys },
      ],
      { now },
    );
    const request = cookies(await held.token(kim()), await held.token(kim({ iss: rival })));
    expect(await rejection(verifyRequest(request))).toMatchObject({ code: "token_ambiguous" });
  });

  test("is refused for the reason of the first one, when all are refused", async () => {
    const { verifyRequest } = guard(none);
    const expired = await held.token(kim({ exp: NOW - 3600 }));
    const elsewhere = await held.token(kim({ aud: "other" }));
    expect(await rejection(verifyRequest(cookies(expired, elsewhere)))).toMatchObject({
      code: "token_expired",
    });
    expect(await rejection(verifyRequest(cookies(elsewhere, expired)))).toMatchObject({
      code: "audience_mismatch",
    });
  });

  test("is refused for the reason of the first one also before the keys of a static set are imported", async () => {
    const keys = { keys: [held.jwk] };
    const { verifyRequest } = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });
    const expired = await held.token(kim({ exp: NOW - 3600 }));
    expect(await rejection(verifyRequest(cookies(expired, "nonsense")))).toMatchObject({
      code: "token_expired",
    });
  });

  test("is refused for one that can be judged at once before one whose key has to be looked up", async () => {
    const { verifyRequest } = guard(none);
    const [unknown, expired] = [
      await fresh.token(kim()),
      await held.token(kim({ exp: NOW - 3600 })),
    ];
    for (const [hopeless, code] of [
      [expired, "token_expired"],
      ["nonsense", "token_malformed"],
    ] as const) {
      const error = await rejection(verifyRequest(cookies(unknown, hopeless)));
      expect(error).toMatchObject({ code });
    }
  });

  test("gets 503, not 401, when one of them might be valid and its key is missing", async () => {
    const down = new KeySetError("fetch_timeout");
    const { verifyRequest } = guard(() => Promise.reject(down));
    const request = cookies(await held.token(kim({ exp: NOW - 3600 })), await fresh.token(kim()));
    expect(await rejection(verifyRequest(request))).toBe(down);
  });

  test("is checked for each accepted token, and the application may refuse one", async () => {
    const isFirst = ({ payload }: VerifiedAccessToken): boolean => payload.jti === "first";
    const { verifyRequest } = guard(none, { check: isFirst });
    const first = await held.token(kim({ jti: "first" }));
    const second = await held.token(kim({ jti: "second", sub: "another" }));
    expect((await verifyRequest(cookies(second, first))).payload.jti).toBe("first");
    expect(await rejection(verifyRequest(cookies(second, second.slice(0, -4))))).toMatchObject({
      code: "forbidden",
      status: 403,
    });
  });

  test.each([
    ["an error", new Error("database down")],
    ["undefined", undefined],
    ["null", null],
    ["false", false],
  ])(
    "is refused when the check of one throws %s, even if another one is good",
    async (_, fault) => {
      const check = ({ payload }: VerifiedAccessToken): boolean => {
        if (payload.jti === "first") throw fault;
        return true;
      };
      const { verifyRequest, safeVerifyRequest } = guard(none, { check });
      const first = await held.token(kim({ jti: "first" }));
      const second = await held.token(kim({ jti: "second" }));
      for (const request of [cookies(first, second), cookies(second, first)]) {
        expect(await rejection(verifyRequest(request))).toBe(fault);
        expect(await rejection(safeVerifyRequest(request))).toBe(fault);
      }
    },
  );

  test("has the first eight tried, and no more", async () => {
    const { verifyRequest } = guard(none);
    const good = await held.token(kim());
    const chaff = Array.from({ length: 8 }, (_, index) => `chaff.${index}.x`);
    expect((await verifyRequest(cookies(...chaff.slice(1), good))).issuer).toBe(TEAM);
    expect(await rejection(verifyRequest(cookies(...chaff, good)))).toMatchObject({
      code: "token_malformed",
    });
  });
});
