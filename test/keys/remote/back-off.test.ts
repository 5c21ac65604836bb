import { describe, expect, test, vi } from "vitest";
import { KeySetError } from "../../../src/index.ts";
import { beginStory, decideChance, type KeySetStory, under } from "../../support/key-set-story.ts";
import { type OpenFetch, tellModelStory } from "../../support/model-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting, startClock, until } from "../../support/story-clock.ts";

// A test over hours of simulated time takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const first = publicJwk("first");

async function beginWarm(): Promise<KeySetStory> {
  const story = beginStory();
  story.origin.publish(first);
  await atOnce(story.keys.prefetch());
  return story;
}

/** Each cause of a refresh, as callers trigger it. */
const CAUSES = [
  {
    cause: "cold",
    begin: async () => beginStory(),
    wish: ({ keys }: KeySetStory) => keys.find(under("first")),
  },
  {
    cause: "stale",
    begin: async () => {
      const story = await beginWarm();
      await story.clock.elapse(600);
      return story;
    },
    wish: ({ keys }: KeySetStory) => keys.known(under("first")),
  },
  {
    cause: "asked",
    begin: beginWarm,
    wish: ({ keys }: KeySetStory) => keys.refresh(),
  },
  {
    cause: "unknown_kid",
    begin: async () => {
      const story = beginStory({ cooldownSeconds: 0, maxAgeSeconds: 3600 });
      story.origin.publish(first);
      await atOnce(story.keys.prefetch());
      return story;
    },
    wish: ({ keys }: KeySetStory) => keys.find(under("unknown")),
  },
];

describe("the nth wait after failures", () => {
  for (const { cause, begin, wish } of CAUSES) {
    for (const { chance, waits } of [
      { chance: 0, waits: [1, 2, 4, 8, 16, 32, 60, 60, 60] },
      { chance: 1, waits: [0.5, 1, 2, 4, 8, 16, 30, 30, 30] },
    ]) {
      test(`is the same for the cause "${cause}" (chance ${chance}): ${waits}`, async () => {
        const story = await begin();
        decideChance(chance);
        const { clock, origin, told } = story;
        origin.goDown();
        const before = origin.requests.length;
        const wishes: Promise<unknown>[] = [];
        const wishIt = (): void => {
          wishes.push(Promise.resolve(wish(story)).catch(() => {}));
        };
        wishIt();
        await clock.elapse(0);
        for (const [index, seconds] of waits.entries()) {
          expect(origin.requests).toHaveLength(before + index + 1);
          expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBeCloseTo(seconds, 6);
          await clock.elapse(seconds - 0.002);
          wishIt();
          await clock.elapse(0);
          expect(origin.requests).toHaveLength(before + index + 1);
          await clock.elapse(0.002);
          wishIt();
          await clock.elapse(0);
        }
        await clock.elapse(100);
        await atOnce(Promise.all(wishes));
      });
    }
  }

  test("starts again after a success", async () => {
    const { clock, origin, keys, told } = await beginWarm();
    origin.goDown();
    for (const seconds of [1, 2, 4]) {
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ status: 503 });
      await clock.elapse(seconds);
    }
    origin.comeBack();
    await atOnce(keys.refresh());
    expect(keys.state.failures).toBe(0);
    origin.goDown();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ status: 503 });
    expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBe(1);
  });

  test("holds back every other cause, refresh calls included", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(600);
    origin.misbehave({ status: 503, headers: { "retry-after": "60" } });
    keys.known(under("first"));
    await clock.elapse(0);
    const before = origin.requests.length;

    keys.known(under("first"));
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({
      code: "backing_off",
      status: 503,
      retryAfterSeconds: 60,
      upstreamStatus: 503,
    });
    await expect(atOnce(keys.find(under("unknown")))).rejects.toMatchObject({
      code: "backing_off",
      status: 503,
    });
    await clock.elapse(59);
    keys.known(under("first"));
    await clock.elapse(0);
    expect(origin.requests).toHaveLength(before);
  });

  for (const outage of ["goDown", "fallSilent"] as const) {
    test(`bounds an outage to 90 fetches an hour, whatever the callers do (${outage})`, async () => {
      const { clock, origin, keys } = await beginWarm();
      await clock.elapse(600);
      origin[outage]();
      const before = origin.requests.length;
      const wishes: Promise<unknown>[] = [];
      const numbers = new Set<number>();
      for (let second = 0; second < 3600; second++) {
        numbers.add(keys.known(under("first")).length);
        wishes.push(keys.find(under(`unknown-${second}`)).catch(() => {}));
        wishes.push(keys.refresh().catch(() => {}));
        await clock.elapse(1);
      }
      await clock.elapse(20);
      await atOnce(Promise.all(wishes));
      expect([...numbers]).toEqual([1]);
      expect(origin.requests.length - before).toBeLessThanOrEqual(90);
    });
  }
});

describe("Retry-After", () => {
  const date = new Date(1_700_000_000_000).toUTCString();
  const later = (seconds: number): string =>
    new Date(1_700_000_000_000 + seconds * 1000).toUTCString();

  for (const { headers, seconds, name } of [
    { name: "120 s", headers: { "retry-after": "120" }, seconds: 120 },
    { name: "300 s", headers: { "retry-after": "300" }, seconds: 300 },
    { name: "an hour, of which 300 s count", headers: { "retry-after": "3600" }, seconds: 300 },
    { name: "1e300 s", headers: { "retry-after": "9".repeat(300) }, seconds: 300 },
    { name: "no time", headers: { "retry-after": "0" }, seconds: 1 },
    { name: "a date", headers: { "retry-after": later(90), date }, seconds: 90 },
    { name: "a date far off", headers: { "retry-after": later(86_400), date }, seconds: 300 },
    { name: "a date in the past", headers: { "retry-after": later(-90), date }, seconds: 1 },
    { name: "a negative number", headers: { "retry-after": "-5" }, seconds: 1 },
    { name: "a word", headers: { "retry-after": "soon" }, seconds: 1 },
    { name: "a fraction", headers: { "retry-after": "2.5" }, seconds: 1 },
  ]) {
    test(`of ${name} makes the first wait ${seconds} s`, async () => {
      const { clock, origin, keys, told } = await beginWarm();
      origin.misbehave({ status: 503, headers });
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ upstreamStatus: 503 });
      expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBeCloseTo(seconds, 6);

      origin.comeBack();
      await clock.elapse(seconds - 0.002);
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "backing_off" });
      await clock.elapse(0.002);
      await atOnce(keys.refresh());
    });
  }

  test("is read by the endpoint's own clock, however wrong that is", async () => {
    const { origin, keys, told } = await beginWarm();
    const headers = { "retry-after": later(7 * 86_400 + 40), date: later(7 * 86_400) };
    origin.misbehave({ status: 429, headers });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ upstreamStatus: 429 });
    expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBeCloseTo(40, 6);
  });

  test("never shortens a wait", async () => {
    const { clock, origin, keys, told } = await beginWarm();
    origin.misbehave({ status: 503, headers: { "retry-after": "1" } });
    for (const seconds of [1, 2, 4]) {
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ upstreamStatus: 503 });
      expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBe(seconds);
      await clock.elapse(seconds);
    }
  });

  for (const { name, end } of [
    { name: "fails", end: (fetch?: OpenFetch) => fetch?.reject(new Error("refused")) },
    { name: "takes too long", end: () => {} },
    {
      name: "asks for less",
      end: (fetch?: OpenFetch) =>
        fetch?.reject(new KeySetError("http_status", { retryAfterSeconds: 30 })),
    },
  ]) {
    test(`holds when another fetch ${name} after it`, async () => {
      const clock = startClock();
      const { keys, find, fetches } = tellModelStory(clock, {});
      find(keys, "first");
      find(keys, "first");
      await clock.elapse(1.5); // The second doubts the first, and fetches as well.
      const [early, late] = fetches(keys);
      early?.reject(new KeySetError("http_status", { retryAfterSeconds: 120 }));
      await clock.elapse(0.5);
      const retryAt = keys.state.retryAt as number;
      expect(retryAt - clock.now()).toBeCloseTo(119_500, 6);
      end(late);
      await clock.elapse(5);
      expect(keys.state).toMatchObject({ failures: 2, retryAt });

      await clock.elapse(114);
      find(keys, "first");
      await clock.elapse(0);
      expect(fetches(keys)).toHaveLength(2);
      await clock.elapse(0.5);
      find(keys, "first");
      await clock.elapse(0);
      expect(fetches(keys)).toHaveLength(3);
    });
  }
});

describe("a cold set whose origin is down", () => {
  test("waits for the first retry, and then has the keys", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).failOnce();
    const callers = Array.from({ length: 50 }, () => keys.find(under("first")));
    expect(await isWaiting(callers[0] as Promise<unknown>)).toBe(true);
    await clock.elapse(1);
    for (const caller of callers) expect(await atOnce(caller)).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });

  test("waits for the first retry also when called after the first failure", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).failOnce();
    const early = keys.find(under("first"));
    await clock.elapse(0.5);
    const late = keys.find(under("first"));
    await clock.elapse(0.5);
    expect(await atOnce(Promise.all([early, late]))).toHaveLength(2);
    expect(origin.requests).toHaveLength(2);
  });

  test("then gives the reason at once, and when to try again", async () => {
    const { clock, origin, keys } = beginStory();
    origin.misbehave({ status: 502 });
    const waited = keys.find(under("first"));
    waited.catch(() => {});
    await clock.elapse(1);
    await expect(atOnce(waited)).rejects.toMatchObject({
      code: "http_status",
      upstreamStatus: 502,
      retryAfterSeconds: 2,
    });
    for (const ask of [() => keys.find(under("first")), keys.prefetch, keys.refresh]) {
      await expect(atOnce<unknown>(ask())).rejects.toMatchObject({
        code: "backing_off",
        status: 503,
        upstreamStatus: 502,
        retryAfterSeconds: 2,
        url: "https://issuer.example/jwks",
      });
    }
    expect(origin.requests).toHaveLength(2);
  });

  test("does not wait for a retry that is more than a second away", async () => {
    const { origin, keys } = beginStory();
    origin.misbehave({ status: 503, headers: { "retry-after": "30" } });
    await expect(atOnce(keys.find(under("first")))).rejects.toMatchObject({
      code: "http_status",
      retryAfterSeconds: 30,
    });
    expect(origin.requests).toHaveLength(1);
  });

  test("is warm again with the first request after the wait", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).goDown();
    keys.find(under("first")).catch(() => {});
    await clock.elapse(1);
    origin.comeBack();
    await expect(atOnce(keys.find(under("first")))).rejects.toMatchObject({ status: 503 });
    await clock.elapse(2);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    await until(() => keys.state.failures === 0);
  });
});
