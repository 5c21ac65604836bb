import { describe, expect, it } from "vitest";
import type { VerifiedAccessToken } from "../../src/access/access-token.ts";
import { rejectionOf } from "../../src/adapters/rejection.ts";
import { allowLiveSession, type LiveSessionOptions } from "../../src/checks/index.ts";
import { createVerifier, type KeySetError } from "../../src/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { polluted } from "../support/polluted.ts";

const ISSUER = "https://acme.cloudflareaccess.com";

const ada = {
  principal: { kind: "user", id: "7335d417", email: "ada@acme.com", issuer: ISSUER },
  issuer: ISSUER,
} as unknown as VerifiedAccessToken;
const backup = {
  principal: { kind: "service", id: "a.access", name: "a.access", issuer: ISSUER },
  issuer: ISSUER,
} as unknown as VerifiedAccessToken;

const failure = (asked: unknown): Promise<unknown> =>
  Promise.resolve(asked).catch((error: unknown) => error);

/** An identity endpoint whose answer can be changed, and a clock that is moved by hand. */
function story(options: Partial<LiveSessionOptions> = {}) {
  const asked: string[] = [];
  const told = {
    status: 200,
    body: '{"email":"ada@acme.com"}',
    isDown: false,
    now: 1_000_000,
    headers: {},
  };
  const check = allowLiveSession({
    everySeconds: 60,
    onUnknown: "refuse",
    now: () => told.now,
    async fetch(url, { headers }) {
      asked.push(`${url} ${headers["cookie"]}`);
      if (told.isDown) throw new Error("no network");
      return new Response(told.body, { status: told.status, headers: told.headers });
    },
    ...options,
  });
  return { asked, told, ask: (token = "a.b.c") => check(ada, {}, token), check };
}

describe("allowLiveSession", () => {
  it("asks the team's identity endpoint once per interval, however many requests there are", async () => {
    const { asked, told, ask } = story();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([true, true, true]);
    expect(asked).toEqual([`${ISSUER}/cdn-cgi/access/get-identity CF_Authorization=a.b.c`]);
    told.now += 59_999;
    await ask();
    expect(asked).toHaveLength(1);
    told.now += 1;
    await Promise.all([ask(), ask()]);
    expect(asked).toHaveLength(2);
    await ask("d.e.f");
    expect(asked).toHaveLength(3);
  });

  it.each([
    [429, "30", 30, "30"],
    [503, "90", 90, "90"],
    [503, undefined, undefined, "1"],
  ])(
    "answers when to come back, after a %i with Retry-After %s",
    async (status, header, seconds, passedOn) => {
      const { told, ask } = story();
      told.status = status;
      told.headers = header === undefined ? {} : { "retry-after": header };
      for (const error of await Promise.all([ask(), ask()].map(failure))) {
        expect(error).toMatchObject({ code: "fetch_failed", status: 503, upstreamStatus: status });
        expect((error as KeySetError).retryAfterSeconds).toBe(seconds);
        expect(rejectionOf(error).headers["retry-after"]).toBe(passedOn);
      }
    },
  );

  it("refuses a stolen token at most one interval after the log-out", async () => {
    const { told, ask } = story();
    expect(await ask()).toBe(true);
    told.status = 401;
    expect(await ask()).toBe(true);
    told.now += 60_000;
    await expect(ask()).rejects.toMatchObject({
      code: "token_expired",
      status: 401,
      verified: true,
    });
    // It is not asked about again before its time, and may be accepted again then.
    told.status = 200;
    await expect(ask()).rejects.toMatchObject({ status: 401 });
    told.now += 60_000;
    expect(await ask()).toBe(true);
  });

  it("takes a 200 that carries a refusal as a refusal", async () => {
    const { told, ask } = story();
    told.body = '{"err":"no app token set"}';
    await expect(ask()).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ["is down", { isDown: true }],
    ["answers 500", { status: 500 }],
    ["answers 404", { status: 404 }],
    ["answers 429", { status: 429 }],
    ["answers what is no identity", { body: "<html>" }],
  ])("follows onUnknown when the endpoint %s", async (_how, answer) => {
    const refusing = story({ onUnknown: "refuse" });
    Object.assign(refusing.told, answer);
    await expect(refusing.ask()).rejects.toMatchObject({ name: "KeySetError", status: 503 });
    await expect(refusing.ask()).rejects.toMatchObject({ status: 503 });
    expect(refusing.asked).toHaveLength(1);
    const allowing = story({ onUnknown: "allow" });
    Object.assign(allowing.told, answer);
    expect(await allowing.ask()).toBe(true);
  });

  it("says what the endpoint answered, when that decides nothing", async () => {
    const { check } = story({
      fetch: async () => new Response(null, { status: 429 }),
    });
    await expect(check(ada, {}, "a.b.c")).rejects.toMatchObject({
      name: "KeySetError",
      code: "fetch_failed",
      upstreamStatus: 429,
      url: `${ISSUER}/cdn-cgi/access/get-identity`,
      cause: { name: "IdentityError", upstreamStatus: 429 },
    });
  });

  it("accepts services without asking about them", async () => {
    const { asked, told, check } = story();
    told.status = 401;
    expect(await check(backup, {}, "a.b.c")).toBe(true);
    expect(asked).toEqual([]);
  });

  it("remembers a bounded number of tokens, and forgets the ones asked about longest ago", async () => {
    const { asked, ask } = story({ maxEntries: 2 });
    for (const token of ["a.a.a", "b.b.b", "c.c.c", "b.b.b", "c.c.c"]) await ask(token);
    expect(asked).toHaveLength(3);
    await ask("a.a.a");
    expect(asked).toHaveLength(4);
  });

  it("asks again when the clock was set back or gives no time", async () => {
    const { asked, told, ask } = story();
    await ask();
    told.now -= 1;
    await ask();
    told.now = Number.NaN;
    await ask();
    await ask();
    expect(asked).toHaveLength(4);
  });

  it("is a fault, not a yes, when it receives no token", async () => {
    const { check } = story({ onUnknown: "allow" });
    await expect(check(ada, {})).rejects.toThrow(
      new TypeError("token must be the token that a verifier passes to check, got undefined"),
    );
  });

  it.each([
    {},
    { everySeconds: 60 },
    { everySeconds: 60, onUnknown: "maybe" },
    { everySeconds: 0, onUnknown: "allow" },
    { everySeconds: Number.NaN, onUnknown: "allow" },
    { everySeconds: "60", onUnknown: "allow" },
    { everySeconds: 60, onUnknown: "allow", maxEntries: 0 },
    { everySeconds: 60, onUnknown: "allow", timeoutSeconds: 0 },
    { everySeconds: 60, onUnknown: "allow", fetch: "fetch" },
    { everySeconds: 60, onUnknown: "allow", now: 7 },
    { everySeconds: 60, onUnknown: "allow", timeout: 5 },
    { everySecond: 60, everySeconds: 60, onUnknown: "allow" },
  ])("refuses wrong options at once: %j", (options) => {
    expect(() => allowLiveSession(options as never)).toThrow();
  });

  it.each([
    [{ onUnknown: "maybe" }, 'onUnknown must be "allow" or "refuse", got string'],
    [{ everySeconds: 0 }, "everySeconds must be a number from 1 to 86400, got number"],
    [{ maxEntries: 0 }, "maxEntries must be a number from 1 to 16777216, got number"],
    [{ timeoutSeconds: 0 }, "timeoutSeconds must be a number from 0.001 to 300, got number"],
  ])("names the wrong option: %j", (wrong, message) => {
    const options = { everySeconds: 60, onUnknown: "allow", ...wrong };
    expect(() => allowLiveSession(options as never)).toThrow(message);
  });

  it.each([[undefined], [null], [60], ["allow"], [[]]])(
    "refuses a value that is no options object at once: %j",
    (options) => {
      expect(() => allowLiveSession(options as never)).toThrow(/^options must be an object/);
    },
  );

  it("takes no option from a prototype", async () => {
    const fetch = () => Promise.resolve(new Response(null, { status: 401 }));
    const { ask } = await polluted({ fetch, timeoutSeconds: 1e9, maxEntries: 0 }, () => story());
    expect(await ask()).toBe(true);
    await expect(
      polluted({ onUnknown: "allow" }, () => allowLiveSession({ everySeconds: 60 } as never)),
    ).rejects.toThrow(/^onUnknown must be/);
  });
});

/**
 * A team with a certs and an identity endpoint behind a real verifier, which asks before it
 * accepts.
 */
async function team(options: Partial<LiveSessionOptions> = {}) {
  const issuer = await createTestIssuer({ decoyKeys: true });
  const asked: string[] = [];
  const ended = new Set<string>();
  let now = Date.now();
  const verifier = createVerifier({
    team: issuer.issuer,
    audience: issuer.audience,
    remote: { fetch: issuer.fetch },
    check: allowLiveSession({
      everySeconds: 60,
      onUnknown: "refuse",
      now: () => now,
      async fetch(url, { headers }) {
        const token = headers["cookie"]?.replace("CF_Authorization=", "") ?? "";
        asked.push(token);
        expect(url).toBe(`${issuer.issuer}/cdn-cgi/access/get-identity`);
        return ended.has(token)
          ? new Response(null, { status: 401 })
          : new Response('{"email":"ada@example.com"}');
      },
      ...options,
    }),
  });
  const wait = (seconds: number): void => {
    now += seconds * 1000;
  };
  return { issuer, verifier, asked, ended, wait };
}

describe("a verifier with allowLiveSession", () => {
  it("asks with the verified token itself, from a header or a cookie, cached or not", async () => {
    const { issuer, verifier, asked } = await team();
    const ada = await issuer.userToken({ email: "ada@example.com" });
    const bob = await issuer.userToken({ email: "bob@example.com" });
    const headers = { "cf-access-jwt-assertion": ada };
    const cookie = { cookie: `CF_Authorization=${bob}` };
    expect((await verifier.verify(ada)).principal).toMatchObject({ email: "ada@example.com" });
    expect((await verifier.verifyRequest({ headers })).principal.kind).toBe("user");
    expect(asked).toEqual([ada]);
    expect((await verifier.verifyRequest({ headers: cookie })).principal.kind).toBe("user");
    expect(asked).toEqual([ada, bob]);
  });

  it("refuses a session after its log-out, and only that session", async () => {
    const { issuer, verifier, ended, wait } = await team();
    const ada = await issuer.userToken();
    const bob = await issuer.userToken({ sub: "bob", email: "bob@example.com" });
    await Promise.all([verifier.verify(ada), verifier.verify(bob)]);
    ended.add(ada);
    wait(60);
    await expect(verifier.verify(ada)).rejects.toMatchObject({
      code: "token_expired",
      status: 401,
      verified: true,
    });
    expect((await verifier.safeVerify(bob)).ok).toBe(true);
  });

  it("asks nothing about a forged token, or about a service's token", async () => {
    const { issuer, verifier, asked } = await team();
    for (const { token } of await issuer.hostileTokens()) {
      expect((await verifier.safeVerify(token)).ok).toBe(false);
    }
    expect((await verifier.verify(await issuer.serviceToken())).principal.kind).toBe("service");
    expect(asked).toEqual([]);
  });

  it("answers 503 when the endpoint cannot be asked, and shows no token", async () => {
    const down = { fetch: () => Promise.reject(new Error("no network")) };
    const { issuer, verifier } = await team(down);
    const token = await issuer.userToken();
    const { ok, ...rest } = await verifier.safeVerify(token);
    expect(ok).toBe(false);
    expect(rest).toMatchObject({ error: { name: "KeySetError", status: 503 } });
    expect(JSON.stringify(rest)).not.toContain(token.slice(0, 40));
    const lenient = await team({ ...down, onUnknown: "allow" });
    const allowed = await lenient.verifier.safeVerify(await lenient.issuer.userToken());
    expect(allowed.ok).toBe(true);
  });

  it("remembers only a bounded number of sessions", async () => {
    const { issuer, verifier, asked } = await team({ maxEntries: 4 });
    const tokens = await Promise.all(
      Array.from({ length: 12 }, (_, index) => issuer.userToken({ sub: `user-${index}` })),
    );
    for (const token of tokens) await verifier.verify(token);
    // The last four are still known; the others would be asked about again.
    for (const token of tokens.slice(-4)) await verifier.verify(token);
    expect(asked).toEqual(tokens);
    await verifier.verify(tokens[0] as string);
    expect(asked).toHaveLength(13);
  });
});
