import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTestIssuer, type TestIssuer } from "../../src/testing/index.ts";
import { acceptedToken, recallRequest } from "../../src/verify/recall.ts";
import { openVerifier } from "../../src/verify/verifier.ts";

const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
let issuer: TestIssuer;
let token: string;
beforeAll(async () => {
  issuer = await createTestIssuer({ team: "acme", audience: AUD });
  token = await issuer.userToken();
});

const bearing = (text: string) => ({ "cf-access-jwt-assertion": text });

/** A verifier that has accepted the token once, and what it said. */
async function remembering(options: object = {}) {
  const open = openVerifier({ team: "acme", audience: AUD, keys: issuer.jwks(), ...options });
  return { open, verified: await open.verifier.verifyRequest(bearing(token)) };
}

describe("recallRequest", () => {
  it("gives the result of a token that was accepted before, at once", async () => {
    const { open, verified } = await remembering();
    expect(recallRequest(open, bearing(token))).toBe(verified);
    expect(recallRequest(open, { cookie: `CF_Authorization=${token}` })).toBe(verified);
  });

  it("says nothing of a token that was not accepted before", async () => {
    const { open } = await remembering();
    expect(recallRequest(open, bearing(await issuer.userToken({ sub: "other" })))).toBeUndefined();
    expect(
      recallRequest(open, bearing(`${token.slice(0, 20)}x${token.slice(21)}`)),
    ).toBeUndefined();
    expect(recallRequest(open, {})).toBeUndefined();
  });

  it("says nothing of several tokens, or of what is no request", async () => {
    const { open } = await remembering();
    const cookie = `CF_Authorization=${token}; CF_Authorization=other`;
    expect(recallRequest(open, { cookie })).toBeUndefined();
    expect(recallRequest(open, bearing(`${token}, other`))).toBeUndefined();
    expect(recallRequest(open, null as never)).toBeUndefined();
  });

  it("says nothing of a token that has expired since", async () => {
    let time = Date.now();
    const { open } = await remembering({ now: () => time });
    expect(recallRequest(open, bearing(token))).toBeDefined();
    time += 10 * 86_400_000;
    expect(recallRequest(open, bearing(token))).toBeUndefined();
  });

  it("says nothing once the key was withdrawn", async () => {
    let known = true;
    const { known: real, find } = await keySet();
    const keys = { find, known: (header: never) => (known ? real?.(header) : []) };
    const { open } = await remembering({ keys });
    expect(recallRequest(open, bearing(token))).toBeDefined();
    known = false;
    expect(recallRequest(open, bearing(token))).toBeUndefined();
  });

  it.each([
    ["yes", () => true, true],
    ["nothing", () => undefined, true],
    ["no", () => false, false],
    ["a promise", async () => true, false],
    ["a word", () => "yes", false],
    [
      "an exception",
      () => {
        throw new Error("no");
      },
      false,
    ],
  ])(
    "asks `check` each time, and lets in at once only for a plain yes: %s",
    async (_, answer, isIn) => {
      const check = vi.fn<() => unknown>(() => true);
      const { open, verified } = await remembering({ check });
      check.mockImplementation(answer);
      expect(recallRequest(open, bearing(token))).toBe(isIn ? verified : undefined);
      expect(check).toHaveBeenCalledTimes(2);
    },
  );
});

async function keySet() {
  const { createStaticKeySet } = await import("../../src/keys/static-key-set.ts");
  return createStaticKeySet(issuer.jwks());
}

describe("acceptedToken", () => {
  const cookies = (...texts: string[]) => ({
    cookie: texts.map((text) => `CF_Authorization=${text}`).join("; "),
  });

  it("is the only token of a request, whose result is known", async () => {
    const { open, verified } = await remembering();
    const other = await issuer.userToken({ sub: "other" });
    expect(acceptedToken(open, bearing(other), verified)).toBe(other);
    expect(acceptedToken(open, cookies(other), verified)).toBe(other);
    expect(acceptedToken(open, { ...bearing(token), ...cookies(other) }, verified)).toBe(token);
  });

  it("is the first of several that is remembered as accepted", async () => {
    const { open, verified } = await remembering();
    const [forged, other] = [`${token.slice(0, -4)}AAAA`, await issuer.userToken({ jti: "2" })];
    expect(acceptedToken(open, cookies(forged, token), verified)).toBe(token);
    expect(acceptedToken(open, cookies(token, forged), verified)).toBe(token);
    expect(acceptedToken(open, cookies(other, token), verified)).toBe(token);
    await open.verifier.verify(other);
    expect(acceptedToken(open, cookies(other, token), verified)).toBe(other);
  });

  it("is none that check refuses, and none when none is remembered", async () => {
    const refused = await issuer.userToken({ jti: "2" });
    const { open, verified } = await remembering({
      check: ({ payload }: { payload: { jti?: string } }) => payload.jti !== "2",
    });
    await expect(open.verifier.verify(refused)).rejects.toThrow();
    expect(acceptedToken(open, cookies(refused, token), verified)).toBe(token);
    expect(acceptedToken(open, cookies(refused, "a.b.c"), verified)).toBeUndefined();
    expect(acceptedToken(open, {}, verified)).toBeUndefined();
  });

  it("is never one of another principal", async () => {
    const other = await issuer.userToken({ sub: "other" });
    const { open, verified } = await remembering();
    await open.verifier.verify(other);
    expect(acceptedToken(open, cookies(other, token), verified)).toBe(token);
    expect(acceptedToken(open, cookies(other, "x"), verified)).toBeUndefined();
  });

  it("is the newer one when the older one has expired since, in both orders", async () => {
    let time = Date.now();
    const newer = await issuer.userToken({ exp: Math.floor(time / 1000) + 20 * 86_400 });
    const { open, verified } = await remembering({ now: () => time });
    time += 10 * 86_400_000;
    await open.verifier.verify(newer);
    expect(acceptedToken(open, cookies(token, newer), verified)).toBe(newer);
    expect(acceptedToken(open, cookies(newer, token), verified)).toBe(newer);
    expect(acceptedToken(open, cookies("x", token), verified)).toBeUndefined();
  });
});
