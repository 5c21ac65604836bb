import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  type FetchLike,
  importJwk,
  type KeySet,
  KeySetError,
  type ResponseLike,
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

let signer: Signer;
let attacker: Signer;
let key: VerificationKey;
beforeAll(async () => {
  [signer, attacker] = await Promise.all([createSigner(), createSigner()]);
  key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
});

const guard = (keys: KeySet): Verifier<VerifiedAccessToken> =>
  createVerifier({ team: TEAM, audience: AUDIENCE, keys, now });

/** Claims that no key would make valid, and the code of their refusal. */
const HOPELESS: readonly [why: string, claims: object, code: string, claim: string][] = [
  ["expired", userClaims({ exp: NOW - 60 }), "token_expired", "exp"],
  ["without expiry", userClaims({ exp: undefined }), "claim_missing", "exp"],
  ["of another team", userClaims({ iss: "https://x.example" }), "issuer_mismatch", "iss"],
  ["without issuer", userClaims({ iss: undefined }), "claim_missing", "iss"],
  ["for another application", userClaims({ aud: ["other"] }), "audience_mismatch", "aud"],
  ["without audience", userClaims({ aud: undefined }), "claim_missing", "aud"],
  ["of the whole domain", userClaims({ type: "org" }), "token_type_mismatch", "type"],
  ["without type", userClaims({ type: undefined }), "claim_missing", "type"],
];

describe("under a known key", () => {
  test.each(HOPELESS)(
    "a forged token is called forged, even if it is %s as well",
    async (_, claims) => {
      const find = vi.fn(async () => []);
      const verifier = guard({ find, known: () => [key] });
      const error = await rejection(verifier.verify(await attacker.token(claims)));
      expect(error).toMatchObject({ code: "signature_invalid", kid: "key-1", verified: false });
      expect(find).not.toHaveBeenCalled();
    },
  );

  test.each(HOPELESS)(
    "a genuine token that is %s is refused for that",
    async (_, claims, code, claim) => {
      const verifier = guard({ find: async () => [], known: () => [key] });
      const error = await rejection(verifier.verify(await signer.token(claims)));
      expect(error).toMatchObject({ code, claim, verified: true });
    },
  );
});

describe("a payload that cannot be read", () => {
  test.each(["", "[]", '"text"', "{", "\ufeff{}"])(
    "is reported, signed or not: %j",
    async (text) => {
      const header = JSON.stringify({ alg: "RS256", kid: "key-1" });
      for (const known of [[key], []]) {
        const verifier = guard({ find: async () => [key], known: () => known });
        for (const by of [signer, attacker]) {
          const error = await rejection(verifier.verify(await by.spelt(header, text)));
          expect(error).toMatchObject({
            code: "token_malformed",
            part: "payload",
            verified: false,
          });
        }
      }
    },
  );
});

describe("under an unknown key", () => {
  test.each(HOPELESS)("a token that is %s is refused before any wait", async (...row) => {
    const [, claims, code, claim] = row;
    const find = vi.fn(() => new Promise<never>(() => {}));
    for (const keys of [{ find }, { find, known: () => [] }]) {
      const error = await rejection(guard(keys).verify(await attacker.token(claims)));
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ code, claim, verified: false });
    }
    expect(find).not.toHaveBeenCalled();
  });

  test("the key of a service token without type, as in 2020, is looked up", async () => {
    const find = vi.fn(async () => [key]);
    const token = await signer.token(serviceClaims({ type: undefined }));
    expect((await guard({ find }).verify(token)).principal.kind).toBe("service");
    expect(find).toHaveBeenCalledOnce();
  });

  test.each([
    ["not valid yet", { nbf: NOW + 3600 }, "token_not_yet_valid"],
    ["issued in the future", { iat: NOW + 3600 }, "token_not_yet_valid"],
    ["without an email", { email: undefined }, "claim_invalid"],
  ])("a token that is %s has its key looked up first", async (_, claims, code) => {
    const find = vi.fn(async () => [key]);
    const token = await signer.token(userClaims(claims));
    const error = await rejection(guard({ find }).verify(token));
    expect(error).toMatchObject({ code, verified: true });
    expect(find).toHaveBeenCalledOnce();
  });

  test("a forged token is called forged once its key is found", async () => {
    const token = await attacker.token(userClaims());
    expect(await rejection(guard({ find: async () => [key] }).verify(token))).toMatchObject({
      code: "signature_invalid",
    });
  });

  test.each([
    ["whose header is not allowed", { alg: "HS256" }, "algorithm_not_allowed"],
    ["whose header asks for more", { crit: ["exp"] }, "header_unsupported"],
    ["of another type", { typ: "logout+jwt" }, "header_unsupported"],
  ])("a token %s asks no key set at all", async (_, header, code) => {
    const find = vi.fn(async () => []);
    const known = vi.fn(() => []);
    const token = await signer.token(userClaims(), header);
    expect(await rejection(guard({ find, known }).verify(token))).toMatchObject({ code });
    expect([...find.mock.calls, ...known.mock.calls]).toEqual([]);
  });
});

describe("a team's certs endpoint", () => {
  /** A verifier over HTTP, as a team gets it by default. */
  function overHttp(respond: () => Response): { verifier: Verifier<unknown>; fetch: FetchLike } {
    const fetch = vi.fn<FetchLike>(async () => respond() as ResponseLike);
    const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, remote: { fetch }, now });
    return { verifier, fetch };
  }

  test("is asked once for any number of tokens", async () => {
    const { verifier, fetch } = overHttp(() => Response.json({ keys: [signer.jwk] }));
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, index) => signer.token(userClaims({ jti: String(index) }))),
    );
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(fetch).toHaveBeenCalledOnce();
    expect(fetch).toHaveBeenCalledWith(`${TEAM}/cdn-cgi/access/certs`, expect.anything());
  });

  test("is refreshed by the verifier's own clock, and reported to its listener", async () => {
    let time = NOW * 1000;
    const fetch = vi.fn<FetchLike>(
      async () => Response.json({ keys: [signer.jwk] }) as ResponseLike,
    );
    const told: string[] = [];
    const verifier = createVerifier({
      team: TEAM,
      audience: AUDIENCE,
      remote: { fetch },
      now: () => time,
      onEvent: ({ type }) => told.push(type),
    });
    const token = await signer.token(userClaims());
    await verifier.verify(token);
    expect(told).toEqual(["refresh_started", "refresh_succeeded", "key_added"]);
    time += 700_000;
    await verifier.verify(token);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("is never asked about tokens that no key would make valid, and once about many forged ones", async () => {
    const { verifier, fetch } = overHttp(() => Response.json({ keys: [signer.jwk] }));
    for (const [, claims] of HOPELESS) await verifier.safeVerify(await attacker.token(claims));
    expect(fetch).not.toHaveBeenCalled();
    await verifier.verify(await signer.token(userClaims()));
    for (let index = 0; index < 5; index++) {
      await verifier.safeVerify(await attacker.token(userClaims({ jti: String(index) })));
    }
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("has a status that never becomes ours", async () => {
    const token = await signer.token(userClaims());
    const answers = [400, 401, 403, 404, 500].map(async (status) => {
      const { verifier } = overHttp(() => new Response("<html>", { status }));
      const error = await rejection(verifier.verify(token));
      expect(error).toBeInstanceOf(KeySetError);
      expect(error).toMatchObject({ status: 503, upstreamStatus: status });
      expect(await verifier.safeVerify(token)).toMatchObject({ ok: false, error: { status: 503 } });
    });
    await Promise.all(answers);
  });
});
