import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  KeySetError,
  type PosternEvent,
  TokenError,
  type VerifiedAccessToken,
  type Verifier,
} from "../../src/index.ts";
import {
  AUDIENCE,
  createSigner,
  NOW,
  now,
  part,
  rejection,
  type Signer,
  TEAM,
  userClaims,
} from "../support/issuer.ts";

const SECRET = "5up3r-s3cr3t";

let signer: Signer;
let other: Signer;
let verifier: Verifier<VerifiedAccessToken>;
let events: PosternEvent[];
beforeAll(async () => {
  [signer, other] = await Promise.all([createSigner(), createSigner()]);
  const keys = { keys: [signer.jwk] };
  const requiredClaims = ["identity_nonce"];
  events = [];
  const onEvent = (event: PosternEvent): void => void events.push(event);
  const options = { team: TEAM, audience: AUDIENCE, keys, now, requiredClaims, onEvent };
  verifier = createVerifier({ ...options, maxTokenAgeSeconds: 600 });
  await verifier.prefetch();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Claims in which each string is a secret. */
const secrets = (claims = {}): object =>
  userClaims({
    email: `${SECRET}@acme.example`,
    sub: SECRET,
    identity_nonce: SECRET,
    country: SECRET,
    custom: { groups: [SECRET] },
    ...claims,
  });

const REFUSED: readonly [name: string, token: () => Promise<string>][] = [
  ["forged", () => other.token(secrets())],
  ["expired", () => signer.token(secrets({ exp: NOW - 3600 }))],
  ["not valid yet", () => signer.token(secrets({ nbf: NOW + 3600 }))],
  ["too old", () => signer.token(secrets({ iat: NOW - 3600 }))],
  ["of another issuer", () => signer.token(secrets({ iss: `https://${SECRET}.example` }))],
  ["of an issuer that is no string", () => signer.token(secrets({ iss: { a: SECRET } }))],
  ["for another audience", () => signer.token(secrets({ aud: [SECRET] }))],
  ["for an audience that is none", () => signer.token(secrets({ aud: { a: SECRET } }))],
  ["for an audience in a string", () => signer.token(secrets({ aud: SECRET }))],
  ["with an expiry in a string", () => signer.token(secrets({ exp: SECRET }))],
  ["with an nbf in a string", () => signer.token(secrets({ nbf: SECRET }))],
  ["of another type", () => signer.token(secrets({ type: SECRET }))],
  ["without type", () => signer.token(secrets({ type: undefined }))],
  ["with a sub that is no string", () => signer.token(secrets({ sub: [SECRET] }))],
  ["with a jti that is no string", () => signer.token(secrets({ jti: { a: SECRET } }))],
  ["without nonce", () => signer.token(secrets({ identity_nonce: undefined }))],
  ["with an email that is none", () => signer.token(secrets({ email: [SECRET] }))],
  ["with an algorithm of its own", () => signer.token(secrets(), { alg: SECRET })],
  ["with a type of its own", () => signer.token(secrets(), { typ: SECRET })],
  ["with a content type of its own", () => signer.token(secrets(), { cty: "JWT", x: SECRET })],
  ["with extensions of its own", () => signer.token(secrets(), { crit: [SECRET] })],
  ["with a kid that is no string", () => signer.token(secrets(), { kid: [SECRET] })],
  ["in two parts", async () => `${part(SECRET)}.${part(SECRET)}`],
  ["of broken JSON", async () => `${part({ alg: "RS256" })}.${part(`{"${SECRET}`)}.c2ln`],
  ["of a broken header", async () => `${part(`{"${SECRET}`)}.e30.c2ln`],
  ["of wrong letters", async () => `${SECRET}!.${SECRET}.${SECRET}`],
  ["too large", async () => `${SECRET}.`.repeat(2000)],
];

/** Everything of an error that a logger, a debugger or a careless handler could print. */
function printed(error: unknown): string {
  const { message, stack } = error as Error;
  const shown = [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)];
  return [message, stack, ...shown, JSON.stringify(Object.entries(error as object))].join("\n");
}

describe("an error", () => {
  test.each(REFUSED)("shows nothing of a token that is %s", async (_, make) => {
    const token = await make();
    const error = await rejection(verifier.verify(token));
    expect(error).toBeInstanceOf(TokenError);
    const text = printed(error);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(part(SECRET));
    for (const piece of token.split(".")) {
      if (piece.length >= 8) expect(text).not.toContain(piece);
    }
  });

  test.each(REFUSED)("shows nothing of a cookie that is %s", async (_, make) => {
    const cookie = `CF_Authorization=${await make()}; CF_Authorization=${SECRET}`;
    expect(printed(await rejection(verifier.verifyRequest({ cookie })))).not.toContain(SECRET);
  });

  test("shows nothing of a header that is there twice", async () => {
    const request = { "cf-access-jwt-assertion": [SECRET, `${SECRET}2`] };
    expect(printed(await rejection(verifier.verifyRequest(request)))).not.toContain(SECRET);
  });

  test("shows nothing of a token that check refuses, or whose keys are missing", async () => {
    const token = await signer.token(secrets());
    const down: KeySet = { find: () => Promise.reject(new Error("down")) };
    const refusing = createVerifier({ team: TEAM, audience: AUDIENCE, keys: down, now });
    const error = await rejection(refusing.verify(token));
    expect(error).toBeInstanceOf(KeySetError);
    expect(printed(error)).not.toContain(SECRET);
    const key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
    const keys = { find: async () => [key] };
    const check = (): boolean => false;
    const strict = createVerifier({ team: TEAM, audience: AUDIENCE, keys, now, check });
    expect(printed(await rejection(strict.verify(token)))).not.toContain(SECRET);
  });

  test("shows a kid, but cut and without control characters", async () => {
    const kid = `\u001b]0;owned\u0007${"k".repeat(1000)}`;
    const error = await rejection(verifier.verify(await signer.token(secrets(), { kid })));
    expect((error as TokenError).kid).toMatch(/^\\u001b\]0;owned\\u0007k{118}$/);
    expect(printed(error)).not.toContain("\u001b]0");
  });

  test("gives the token's contents when code reads them by name", async () => {
    const token = await signer.token(secrets({ iss: `https://${SECRET}.example` }));
    const error = await rejection(verifier.verify(token));
    expect(error).toMatchObject({ claim: "iss", expected: TEAM });
    expect((error as TokenError).actual).toBe(`https://${SECRET}.example`);
  });
});

describe("no other text", () => {
  test("is logged, and no event holds a token", async () => {
    const methods = ["log", "info", "warn", "error", "debug", "trace"] as const;
    const spies = methods.map((method) => vi.spyOn(console, method).mockImplementation(() => {}));
    for (const [, make] of REFUSED) await verifier.safeVerify(await make());
    await verifier.verify(await signer.token(secrets()));
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });
});
