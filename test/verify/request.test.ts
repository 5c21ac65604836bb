import { beforeAll, describe, expect, test } from "vitest";
import {
  createVerifier,
  type HeadersLike,
  type SharedOptions,
  TokenError,
  type VerifiedAccessToken,
  type Verifier,
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
import { unhandledIn } from "../support/unhandled.ts";

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const cookies = (token: string): { cookie: string } => ({ cookie: `CF_Authorization=${token}` });

function guard(shared: SharedOptions = {}): Verifier<VerifiedAccessToken> {
  const keys = { keys: [signer.jwk] };
  return createVerifier({ team: TEAM, audience: AUDIENCE, keys, now, ...shared });
}

describe("a request", () => {
  test("without any token is told so", async () => {
    const { verifyRequest, safeVerifyRequest } = guard();
    for (const request of [new Request("https://app.example"), new Headers(), {}, { cookie: "" }]) {
      expect(await rejection(verifyRequest(request))).toMatchObject({ code: "token_missing" });
      expect(await safeVerifyRequest(request)).toMatchObject({
        ok: false,
        error: { code: "token_missing", status: 401 },
      });
    }
  });

  test("with a bad header is not rescued by a good cookie", async () => {
    const { verifyRequest } = guard();
    const good = await signer.token(userClaims());
    for (const [header, code] of [
      ["", "token_missing"],
      ["nonsense", "token_malformed"],
      [await signer.token(userClaims({ exp: NOW - 3600 })), "token_expired"],
      [`${good}, nonsense`, "token_malformed"],
    ]) {
      const request = { "Cf-Access-Jwt-Assertion": header, ...cookies(good) };
      expect(await rejection(verifyRequest(request))).toMatchObject({ code });
    }
  });

  test("with a good header needs no cookie, and no other cookie matters", async () => {
    const { verifyRequest } = guard();
    const headers = { "Cf-Access-Jwt-Assertion": await signer.token(userClaims()) };
    const other = await signer.token(userClaims({ sub: "another" }));
    const request = new Request("https://app.example", {
      headers: { ...headers, ...cookies(other) },
    });
    expect((await verifyRequest(request)).principal.id).toBe(userClaims()["sub"]);
  });

  test("to another issuer carries a bearer token (RFC 6750 section 2.1)", async () => {
    const keys = { keys: [signer.jwk] };
    const { verifyRequest } = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    const token = await signer.token(apiClaims());
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
      expect((await verifyRequest({ authorization })).issuer).toBe(ISSUER);
    }
    for (const headers of [
      { authorization: `Basic ${token}` },
      { authorization: token },
      { authorization: `Bearer ${token} ${token}` },
      { authorization: [`Bearer ${token}`, `Bearer ${token}x`] },
      { "cf-access-jwt-assertion": token, ...cookies(token) },
    ]) {
      expect(await rejection(verifyRequest(headers))).toMatchObject({ code: "token_missing" });
    }
  });

  test("may be to a team or another issuer, each where its tokens are", async () => {
    const keys = { keys: [signer.jwk] };
    const { verifyRequest } = createVerifier(
      [
        { team: TEAM, audience: AUDIENCE, keys },
        { issuer: ISSUER, audience: AUDIENCE, keys },
      ],
      { now },
    );
    const access = { "cf-access-jwt-assertion": await signer.token(userClaims()) };
    const authorization = `Bearer ${await signer.token(apiClaims())}`;
    expect((await verifyRequest(access)).issuer).toBe(TEAM);
    expect((await verifyRequest({ authorization })).issuer).toBe(ISSUER);
    expect((await verifyRequest({ ...access, authorization })).issuer).toBe(TEAM);
  });

  test("is read as the options say, when they do", async () => {
    const readToken = (headers: HeadersLike): string | undefined =>
      headers.get("x-token") ?? undefined;
    const { verifyRequest } = guard({ readToken });
    const token = await signer.token(userClaims());
    expect((await verifyRequest({ "X-Token": token })).issuer).toBe(TEAM);
    expect((await verifyRequest(new Headers({ "x-token": token }))).issuer).toBe(TEAM);
    expect(await rejection(verifyRequest({ "cf-access-jwt-assertion": token }))).toMatchObject({
      code: "token_missing",
    });
  });

  test("is read by names without case, whatever its shape", async () => {
    const readToken = (headers: HeadersLike): string => headers.get("X-Token") ?? "";
    const { verifyRequest } = guard({ readToken });
    const token = await signer.token(userClaims());
    for (const request of [
      new Request("https://app.example", { headers: { "x-token": token } }),
      new Headers({ "X-TOKEN": token }),
      { headers: { "x-token": token } },
      { "X-Token": token },
      { "x-token": [token] },
    ]) {
      expect((await verifyRequest(request)).issuer).toBe(TEAM);
    }
  });

  test.each([[undefined], [""], [[]], [[""]], [null]])(
    "has no token when the options' reader answers %j",
    async (answer) => {
      const { verifyRequest } = guard({ readToken: () => answer as never });
      expect(await rejection(verifyRequest({}))).toMatchObject({ code: "token_missing" });
    },
  );

  test.each([7, {}, true, [7, {}]])(
    "is refused when the options' reader answers %j",
    async (answer) => {
      const { verifyRequest } = guard({ readToken: () => answer as never });
      const error = await rejection(verifyRequest({}));
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ code: "token_malformed" });
    },
  );

  test("is a mistake when the options' reader is async, and its rejection ends no process", async () => {
    const count = await unhandledIn(async () => {
      for (const readToken of [async () => "x", async () => Promise.reject(new Error("x"))]) {
        const { verifyRequest, safeVerifyRequest } = guard({ readToken: readToken as never });
        for (const verify of [verifyRequest, safeVerifyRequest]) {
          const error = await rejection(verify({}));
          expect(error).toBeInstanceOf(TypeError);
          expect((error as Error).message).toBe(
            "readToken() must be a string or an array, got a promise",
          );
        }
      }
    });
    expect(count).toBe(0);
  });

  test("with several bearer tokens is ambiguous unless they have one subject", async () => {
    const keys = { keys: [signer.jwk] };
    const readToken = (headers: HeadersLike): string[] =>
      (headers.get("x-tokens") ?? "").split(" ");
    const options = { issuer: ISSUER, audience: AUDIENCE, keys, now, readToken };
    const { verifyRequest } = createVerifier(options);
    const make = (claims: object): Promise<string> => signer.token({ ...apiClaims(), ...claims });
    const [one, same, another, nobody, nobodyElse] = await Promise.all([
      make({ jti: "1" }),
      make({ jti: "2" }),
      make({ sub: "client-8" }),
      make({ sub: undefined, jti: "3" }),
      make({ sub: undefined, jti: "4" }),
    ]);
    expect((await verifyRequest({ "x-tokens": `${one} ${same}` })).payload.jti).toBe("1");
    for (const tokens of [`${one} ${another}`, `${one} ${nobody}`, `${nobody} ${nobodyElse}`]) {
      expect(await rejection(verifyRequest({ "x-tokens": tokens }))).toMatchObject({
        code: "token_ambiguous",
      });
    }
  });
});
