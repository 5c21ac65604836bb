import { describe, expect, it, vi } from "vitest";
import {
  createStaticKeySet,
  createVerifier,
  decodeUnverified,
  type JsonObject,
  KeySetError,
  type SafeResult,
  TokenError,
} from "../../src/index.ts";
import { createTestIssuer, type HostileToken, type TestIssuer } from "../../src/testing/index.ts";
import { refusalsByName } from "./refusals.ts";

// Making an RSA key has no time limit.
vi.setConfig({ testTimeout: 60_000 });

const issuer = await createTestIssuer({ decoyKeys: true, team: "acme" });
const hostile = await issuer.hostileTokens({ carrier: "string" });
const sendable = await issuer.hostileTokens();
const refusals = refusalsByName();

function verifierOf({ issuer: team, audience, fetch }: TestIssuer) {
  return createVerifier({ team, audience, remote: { fetch } });
}

/** "code (claim or part)" */
function reasonOf(result: SafeResult<unknown>): string {
  if (result.ok) return "accepted";
  const { error } = result;
  if (error instanceof KeySetError) return error.code;
  const subject = error.claim ?? error.part;
  return subject === undefined ? error.code : `${error.code} (${subject})`;
}

async function namesOfAccepted(tokens: readonly HostileToken[], target: TestIssuer) {
  const { verify } = verifierOf(target);
  const accepted: string[] = [];
  for (const { name, token } of tokens) {
    await verify(token).then(
      () => accepted.push(name),
      (error) => expect(error, name).toBeInstanceOf(TokenError),
    );
  }
  return accepted;
}

describe("hostile tokens", () => {
  it("have unique names, each with a known refusal", () => {
    expect(hostile.map(({ name }) => name).sort()).toEqual([...refusals.keys()].sort());
    expect(hostile.length).toBe(refusals.size);
  });

  it("give a reason in a sentence that names a standard or an advisory", () => {
    for (const { name, why } of hostile) {
      expect(why, name).toMatch(/^[A-Z].{20,}(RFC \d{4}|OpenID|CVE-).*\.$/s);
    }
  });

  const { verify, safeVerify } = verifierOf(issuer);
  it.each(hostile)("$name is refused for its own reason", async ({ name, token }) => {
    expect(refusals.get(name)).toContain(reasonOf(await safeVerify(token)));
  });

  it.each(hostile)(
    "$name is refused by a static key set for the same reason",
    async ({ name, token }) => {
      const { issuer: team, audience } = issuer;
      const keys = createStaticKeySet(issuer.jwks());
      const result = await createVerifier({ team, audience, keys }).safeVerify(token);
      expect(refusals.get(name)).toContain(reasonOf(result));
    },
  );

  it("are refused by a guard of every kind of session, except for the kind that it accepts", async () => {
    const { issuer: team, audience, fetch } = issuer;
    const any = createVerifier({ team, audience, tokenType: "any", remote: { fetch } });
    await expect(any.verify(await issuer.userToken())).resolves.toBeDefined();
    const accepted: string[] = [];
    for (const { name, token } of hostile) {
      if ((await any.safeVerify(token)).ok) accepted.push(name);
    }
    expect(accepted).toEqual(["org-token-for-the-application", "org-token-for-both"]);
  });

  it("come with genuine tokens that are accepted", async () => {
    await expect(verify(await issuer.userToken())).resolves.toMatchObject({
      issuer: issuer.issuer,
    });
    await expect(verify(await issuer.serviceToken())).resolves.toBeDefined();
  });

  describe("have a single fault: corrected and signed again, each is accepted", () => {
    // Tokens of another kind have more than one fault.
    const otherKinds = /^(org-|meta-|external-|log-out-|security-event-|structure-parts-swapped)/;
    const readable = hostile.filter(({ name, token }) => !otherKinds.test(name) && read(token));
    it.each(readable)("$name", async ({ name, token }) => {
      const { header, payload } = decodeUnverified(token);
      const [, subject = ""] = /\((\w+)\)/.exec(String(refusals.get(name))) ?? [];
      const good = decodeUnverified(await issuer.userToken()).payload;
      const mendedHeader = { ...header, alg: "RS256", kid: issuer.kid, [subject]: undefined };
      // `b64` is only permitted when `crit` names it.
      const withoutB64 = { ...mendedHeader, b64: undefined };
      const mended = await issuer.sign({ ...payload, [subject]: good[subject] }, withoutB64);
      expect(reasonOf(await safeVerify(mended))).toBe("accepted");
    });

    it("have a single fault in most cases", () => {
      expect(readable.length).toBeGreaterThan(150);
    });

    function read(token: string): { payload: JsonObject } | undefined {
      try {
        return decodeUnverified(token);
      } catch {
        return undefined;
      }
    }
  });

  it("cost a guard two fetches in all, so that a test with them is quick", async () => {
    const fetch = vi.fn(issuer.fetch);
    const { issuer: team, audience } = issuer;
    const guard = createVerifier({ team, audience, remote: { fetch } });
    for (const { token } of hostile) await guard.safeVerify(token);
    expect(fetch.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it("are by default those that an HTTP field carries unchanged", () => {
    expect(sendable.length).toBeGreaterThan(200);
    expect(sendable.length).toBeLessThan(hostile.length);
    for (const { name, token } of sendable) {
      const headers = new Headers({ "cf-access-jwt-assertion": token });
      expect(headers.get("cf-access-jwt-assertion"), name).toBe(token);
      expect(token.length, name).toBeLessThan(8192);
    }
  });

  it.each([
    ["in a plain header", (token: string) => ({ "cf-access-jwt-assertion": token })],
    ["in a cookie", (token: string) => ({ cookie: `CF_Authorization=${token}` })],
  ])("are refused when a request carries them %s", async (_, request) => {
    const { safeVerifyRequest } = verifierOf(issuer);
    for (const { name, token } of sendable) {
      const result = await safeVerifyRequest(request(token));
      expect(result.ok, name).toBe(false);
      expect(!result.ok && result.error.status, name).toBe(401);
    }
  });

  it.each(["7", "*", 'no:"café":1', "__proto__"])(
    "are refused by a guard whose audience is %s",
    async (audience) => {
      const target = await createTestIssuer({ decoyKeys: true, team: "acme", audience });
      await expect(verifierOf(target).verify(await target.userToken())).resolves.toBeDefined();
      const tokens = await target.hostileTokens({ carrier: "string" });
      expect(await namesOfAccepted(tokens, target)).toEqual([]);
    },
  );

  it.each(["http://127.0.0.1:8788", "http://[::1]:8788"])(
    "are refused by a guard of Local Access at %s",
    async (team) => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const target = await createTestIssuer({ decoyKeys: true, team });
      await expect(verifierOf(target).verify(await target.userToken())).resolves.toBeDefined();
      const tokens = await target.hostileTokens({ carrier: "string" });
      expect(await namesOfAccepted(tokens, target)).toEqual([]);
      warn.mockRestore();
    },
  );

  it("are refused after a rotation too", async () => {
    const target = await createTestIssuer({ decoyKeys: true });
    await target.rotate();
    expect(await namesOfAccepted(await target.hostileTokens(), target)).toEqual([]);
  });

  it("are not made with a withdrawn key, because even genuine tokens would then be refused", async () => {
    const target = await createTestIssuer({ decoyKeys: true });
    target.withdraw(target.kid);
    await expect(target.hostileTokens()).rejects.toThrow(/rotate first/);
    await target.rotate();
    await expect(target.hostileTokens()).resolves.toHaveLength(sendable.length);
  });

  it("are given as a header or a string, and nothing else", async () => {
    await expect(issuer.hostileTokens({ carrier: "pigeon" as never })).rejects.toThrow(TypeError);
  });
});
