import { describe, expect, test, vi } from "vitest";
import { beginStory, decideChance, type KeySetStory, under } from "../../support/key-set-story.ts";
import { polluted } from "../../support/polluted.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting, until } from "../../support/story-clock.ts";
import { unhandledIn } from "../../support/unhandled.ts";

// A test over hours of simulated time takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const first = publicJwk("first");
const second = publicJwk("second");

async function beginWarm(): Promise<KeySetStory> {
  const story = beginStory();
  story.origin.publish(first);
  await atOnce(story.keys.prefetch());
  return story;
}

describe("a set within its freshness", () => {
  test("verifies without a fetch, by known and by find", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(599.999);
    expect(keys.known(under("first"))).toHaveLength(1);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(origin.requests).toHaveLength(1);
    expect(keys.state.standing).toBe("fresh");
  });

  for (const { chance, seconds } of [
    { chance: 0, seconds: 600 },
    { chance: 0.5, seconds: 570 },
    { chance: 1, seconds: 540 },
  ]) {
    test(`is fresh for ${seconds} s of 600 when the random number is ${chance}`, async () => {
      const { clock, origin, keys } = beginStory();
      decideChance(chance);
      origin.publish(first);
      await atOnce(keys.prefetch());
      await clock.elapse(seconds - 0.001);
      expect(keys.state.standing).toBe("fresh");
      await clock.elapse(0.001);
      expect(keys.state.standing).toBe("stale");
    });
  }
});

describe("a set past its freshness", () => {
  test("verifies at once for every caller while one refresh runs in the background", async () => {
    const { clock, origin, keys, told } = await beginWarm();
    await clock.elapse(600);
    const answer = origin.publish(second).holdOnce();
    for (let caller = 0; caller < 100; caller++) {
      expect(keys.known(under("first"))).toHaveLength(1);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    }
    expect(origin.requests).toHaveLength(2);
    expect(told("refresh_started").at(-1)).toMatchObject({ cause: "stale" });

    answer.arrive();
    await until(() => keys.state.standing === "fresh");
    expect(keys.known(under("second"))).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });

  for (const way of ["known", "find"] as const) {
    test(`passes the refresh that ${way} starts to waitUntil`, async () => {
      const { clock, origin, keys } = await beginWarm();
      await clock.elapse(600);
      const answer = origin.holdOnce();
      const kept: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>): void => {
        kept.push(promise);
      };
      await atOnce(Promise.resolve(keys[way](under("first"), { waitUntil })));
      await atOnce(Promise.resolve(keys[way](under("first"), { waitUntil })));
      expect(kept).toHaveLength(1);
      const [refresh] = kept as [Promise<unknown>];
      expect(await isWaiting(refresh)).toBe(true);
      answer.arrive();
      await atOnce(refresh);
      expect(keys.state.standing).toBe("fresh");
    });
  }

  test("passes a promise to waitUntil that never rejects", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(600);
    origin.goDown();
    const kept: Promise<unknown>[] = [];
    keys.known(under("first"), { waitUntil: (promise) => kept.push(promise) });
    await expect(atOnce(Promise.all(kept))).resolves.toHaveLength(1);
  });

  test("passes the refresh to no waitUntil that every object seems to have", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(600);
    const waitUntil = vi.fn();
    await polluted({ waitUntil }, () => keys.known(under("first")));
    expect(origin.requests).toHaveLength(2);
    expect(waitUntil).not.toHaveBeenCalled();
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("the context has ended");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("the context has ended"))],
  ])("verifies even when waitUntil %s", async (_, waitUntil) => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(600);
    const count = await unhandledIn(async () => {
      expect(keys.known(under("first"), { waitUntil })).toHaveLength(1);
      await until(() => keys.state.standing === "fresh");
    });
    expect(count).toBe(0);
    expect(origin.requests).toHaveLength(2);
  });

  test("is used for 600 s more by callers that do not fetch first", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.fallSilent();
    await clock.elapse(1199.999);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
  });
});

describe("a set after a long time without use", () => {
  test("is not used before one refresh, which all callers wait for", async () => {
    const { clock, origin, keys, told } = await beginWarm();
    await clock.elapse(1200);
    expect(keys.state.standing).toBe("unasked");
    expect(keys.known(under("first"))).toEqual([]);

    origin.publish(second).withdraw(first).answerSlowly(0.5);
    const callers = Array.from({ length: 50 }, () => keys.find(under("second")));
    expect(await isWaiting(callers[0] as Promise<unknown>)).toBe(true);
    await clock.elapse(0.5);
    for (const caller of callers) expect(await atOnce(caller)).toHaveLength(1);
    expect(keys.known(under("first"))).toEqual([]);
    expect(origin.requests).toHaveLength(2);
    expect(told("refresh_started").at(-1)).toMatchObject({ cause: "stale" });
  });

  test("is used after one failed attempt, which no later caller repeats", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(1200);
    origin.fallSilent();
    const waiting = keys.find(under("first"));
    expect(await isWaiting(waiting)).toBe(true);
    await clock.elapse(5);
    expect(await atOnce(waiting)).toHaveLength(1);
    expect(keys.known(under("first"))).toHaveLength(1);

    // The last attempt is recent enough for another 600 s.
    await clock.elapse(599);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
  });

  test("is fetched again when the last failed attempt is long ago", async () => {
    const { clock, origin, keys } = await beginWarm();
    await clock.elapse(1200);
    origin.goDown();
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    await clock.elapse(600);
    expect(keys.known(under("first"))).toEqual([]);

    origin.publish(second).withdraw(first).comeBack();
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
    expect(keys.known(under("first"))).toEqual([]);
  });

  test("also makes callers wait whose random number would use up the stale time", async () => {
    const { clock, origin, keys } = beginStory({ staleWhileRevalidateSeconds: 0 });
    origin.publish(first);
    await atOnce(keys.prefetch());
    await clock.elapse(600);
    origin.answerSlowly(0.5);
    const waiting = keys.find(under("first"));
    expect(await isWaiting(waiting)).toBe(true);
    await clock.elapse(0.5);
    expect(await atOnce(waiting)).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });
});

describe("an instance in use", () => {
  test("delays no request, over days", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.answerSlowly(2);
    for (let minute = 0; minute < 24 * 60; minute++) {
      await clock.elapse(60);
      expect(keys.known(under("first"))).toHaveLength(1);
    }
    // Every ten minutes, plus the time until the next token comes.
    expect(origin.requests.length).toBeGreaterThan(120);
    expect(origin.requests.length).toBeLessThanOrEqual(7 * 24);
  });

  test("delays no request while the origin is silent for two hours", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.fallSilent();
    for (let turn = 0; turn < 240; turn++) {
      await clock.elapse(30);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    }
    expect(origin.requests.length).toBeLessThanOrEqual(2 * 90);
  });
});
