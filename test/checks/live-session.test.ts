import { describe, expect, it } from "vitest";
import type { VerifiedAccessToken } from "../../src/access/principal.ts";
import { allowLiveSession, type LiveSessionOptions } from "../../src/checks/index.ts";

const ISSUER = "https://acme.cloudflareaccess.com";

const ada = {
  principal: { kind: "user", id: "7335d417", email: "ada@acme.com", issuer: ISSUER },
  issuer: ISSUER,
} as unknown as VerifiedAccessToken;
const backup = {
  principal: { kind: "service", id: "a.access", name: "a.access", issuer: ISSUER },
  issuer: ISSUER,
} as unknown as VerifiedAccessToken;

/** An identity endpoint whose answer can be changed, and a clock that is moved by hand. */
function story(options: Partial<LiveSessionOptions> = {}) {
  const asked: string[] = [];
  const told = { status: 200, body: '{"email":"ada@acme.com"}', isDown: false, now: 1_000_000 };
  const check = allowLiveSession({
    everySeconds: 60,
    onUnknown: "refuse",
    now: () => told.now,
    async fetch(url, { headers }) {
      asked.push(`${url} ${headers["cookie"]}`);
      if (told.isDown) throw new Error("no network");
      return new Response(told.body, { status: told.status });
    },
    ...options,
  });
  return { asked, told, ask: (token = "a.b.c") => check(ada, {}, token), check };
}

describe("allowLiveSession", () => {
  it("asks the team's identity endpoint once an interval, however many requests there are", async () => {
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

  it("ends a stolen token with the log-out, an interval later at most", async () => {
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
    // It is not asked about again before its time, and may come back then.
    told.status = 200;
    await expect(ask()).rejects.toMatchObject({ status: 401 });
    told.now += 60_000;
    expect(await ask()).toBe(true);
  });

  it("takes a refusal that comes with a 200 for one", async () => {
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
  ])("does what it was told when the endpoint %s", async (_how, answer) => {
    const refusing = story({ onUnknown: "refuse" });
    Object.assign(refusing.told, answer);
    await expect(refusing.ask()).rejects.toMatchObject({ name: "KeySetError", status: 503 });
    await expect(refusing.ask()).rejects.toMatchObject({ status: 503 });
    expect(refusing.asked).toHaveLength(1);
    const allowing = story({ onUnknown: "allow" });
    Object.assign(allowing.told, answer);
    expect(await allowing.ask()).toBe(true);
  });

  it("lets services pass without asking about them", async () => {
    const { asked, told, check } = story();
    told.status = 401;
    expect(await check(backup, {}, "a.b.c")).toBe(true);
    expect(asked).toEqual([]);
  });

  it("remembers no more tokens than it may, and forgets those asked about longest ago", async () => {
    const { asked, ask } = story({ maxEntries: 2 });
    for (const token of ["a.a.a", "b.b.b", "c.c.c", "b.b.b", "c.c.c"]) await ask(token);
    expect(asked).toHaveLength(3);
    await ask("a.a.a");
    expect(asked).toHaveLength(4);
  });

  it("asks again when the clock was set back, or tells no time", async () => {
    const { asked, told, ask } = story();
    await ask();
    told.now -= 1;
    await ask();
    told.now = Number.NaN;
    await ask();
    await ask();
    expect(asked).toHaveLength(4);
  });

  it("is a fault, not a yes, where it is not handed the token", async () => {
    const { check } = story({ onUnknown: "allow" });
    await expect(check(ada, {})).rejects.toThrow(TypeError);
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
  ])("refuses at once to be built wrongly: %j", (options) => {
    expect(() => allowLiveSession(options as never)).toThrow();
  });
});
