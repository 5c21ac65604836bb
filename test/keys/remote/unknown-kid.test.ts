import { describe, expect, test, vi } from "vitest";
import { beginStory, type KeySetStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting } from "../../support/story-clock.ts";

// A test over hours of simulated time takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const first = publicJwk("first");
const second = publicJwk("second");

/** Its set is fresh for an hour, so that every fetch in the test has a kid as its cause. */
async function beginWarm(options: Parameters<typeof beginStory>[0] = {}): Promise<KeySetStory> {
  const story = beginStory({ maxAgeSeconds: 3600, ...options });
  story.origin.publish(first);
  await atOnce(story.keys.prefetch());
  return story;
}

describe("a token under a key that was just published", () => {
  test("is answered by one fetch, at once", async () => {
    const { origin, keys, told } = await beginWarm();
    origin.publish(second);
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
    expect(told("refresh_started").at(-1)).toMatchObject({ cause: "unknown_kid" });
  });

  test("shares its answer with all tokens under the same kid", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.publish(second).answerSlowly(0.5);
    const tokens = Array.from({ length: 100 }, () => keys.find(under("second")));
    await clock.elapse(0.5);
    for (const token of tokens) expect(await atOnce(token)).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });

  test("waits for the next allowed fetch when one has just failed to find its key", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    await clock.elapse(3);
    origin.publish(second);
    const token = keys.find(under("second"));
    await clock.elapse(6.9);
    expect(await isWaiting(token)).toBe(true);
    expect(origin.requests).toHaveLength(2);
    await clock.elapse(0.1);
    expect(await atOnce(token)).toHaveLength(1);
    expect(origin.requests).toHaveLength(3);
  });

  test("starts no fetch when the routine refresh finds its key", async () => {
    const { clock, origin, keys } = await beginWarm();
    const answer = origin.publish(second).holdOnce();
    await clock.elapse(3600);
    keys.known(under("first"));
    const token = keys.find(under("second"));
    answer.arrive();
    expect(await atOnce(token)).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });
});

describe("the absence of a key", () => {
  test("is proven by a success that began after the token came", async () => {
    const { origin, keys, told } = await beginWarm();
    expect(await atOnce(keys.find(under("unknown")))).toEqual([]);
    expect(origin.requests).toHaveLength(2);
    expect(told("kid_refused")).toMatchObject([{ kid: "unknown", code: "key_not_found" }]);
  });

  test("is not proven by a success that began before it came", async () => {
    const { clock, origin, keys } = await beginWarm();
    const answer = origin.holdOnce();
    const early = keys.find(under("unknown"));
    await clock.elapse(1);
    origin.publish(second);
    const late = keys.find(under("second"));

    answer.arrive();
    expect(await atOnce(early)).toEqual([]);
    expect(await isWaiting(late)).toBe(true);
    await clock.elapse(9);
    expect(await atOnce(late)).toHaveLength(1);
    expect(origin.requests).toHaveLength(3);
  });

  test("is not proven by a failure: the answer stays open", async () => {
    const { origin, keys, told } = await beginWarm();
    origin.misbehave({ status: 500 });
    await expect(atOnce(keys.find(under("unknown")))).rejects.toMatchObject({
      code: "http_status",
      status: 503,
      upstreamStatus: 500,
    });
    expect(told("kid_refused")).toMatchObject([{ kid: "unknown", code: "backing_off" }]);
  });

  test("is proven by a success with another cause that began after the token came", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    await clock.elapse(1);
    const token = keys.find(under("unknown"));
    expect(await isWaiting(token)).toBe(true);
    await atOnce(keys.refresh());
    await clock.elapse(9);
    expect(await atOnce(token)).toEqual([]);
    expect(origin.requests).toHaveLength(3);
  });

  test("needs no fetch for a token issued more than 120 s before the set was fetched", async () => {
    const { clock, origin, keys, told } = await beginWarm();
    const fetchedAt = clock.now();
    await clock.elapse(1000);
    const found = await atOnce(keys.find(under("withdrawn"), { issuedAt: fetchedAt - 120_001 }));
    expect(found).toEqual([]);
    expect(origin.requests).toHaveLength(1);
    expect(told("kid_refused")).toMatchObject([{ kid: "withdrawn", code: "key_not_found" }]);
    expect(told("kid_parked")).toEqual([]);
  });

  for (const { seconds, name } of [
    { name: "120 s before the set was fetched", seconds: -120 },
    { name: "when the set was fetched", seconds: 0 },
    { name: "in a false future", seconds: 1e9 },
  ]) {
    test(`needs a fetch when the token was issued ${name}`, async () => {
      const { clock, origin, keys } = await beginWarm();
      const issuedAt = clock.now() + seconds * 1000;
      origin.publish(second);
      expect(await atOnce(keys.find(under("second"), { issuedAt }))).toHaveLength(1);
      expect(origin.requests).toHaveLength(2);
    });
  }
});

describe("a token under a known key", () => {
  test("is neither delayed nor refused by a flood of unknown kids", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.answerSlowly(2);
    const flood: Promise<unknown>[] = [];
    for (let second = 0; second < 60; second++) {
      for (let n = 0; n < 5; n++) {
        flood.push(keys.find(under(`flood-${second}-${n}`)).catch(() => {}));
      }
      expect(keys.known(under("first"))).toHaveLength(1);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
      await clock.elapse(1);
    }
    // One at the start, and then one in ten seconds.
    expect(origin.requests.length - 1).toBeLessThanOrEqual(7);
    await clock.elapse(20);
    await atOnce(Promise.all(flood));
  });

  test("is neither delayed nor refused by a flood during an outage", async () => {
    const { clock, origin, keys } = await beginWarm({ maxAgeSeconds: 600 });
    origin.fallSilent();
    const flood: Promise<unknown>[] = [];
    for (let minute = 0; minute < 120; minute++) {
      for (let n = 0; n < 20; n++) {
        flood.push(keys.find(under(`flood-${minute}-${n}`)).catch(() => {}));
      }
      expect(keys.known(under("first"))).toHaveLength(1);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
      await clock.elapse(60);
    }
    expect(origin.requests.length - 1).toBeLessThanOrEqual(2 * 90);
    await atOnce(Promise.all(flood));
  });
});

describe("unknown kids", () => {
  test("cause one fetch in a cooldown, however many they are", async () => {
    const { clock, origin, keys } = await beginWarm();
    const tokens: Promise<unknown>[] = [];
    for (let tenth = 0; tenth < 600; tenth++) {
      tokens.push(keys.find(under(`unknown-${tenth}`)).catch(() => {}));
      await clock.elapse(0.1);
    }
    // At 0, 10, 20 … 60 s, each at the earliest moment.
    expect(origin.requests.length - 1).toBeLessThanOrEqual(7);
    await clock.elapse(15);
    await atOnce(Promise.all(tokens));
  });

  test("cause at most 370 fetches in an hour", async () => {
    const { clock, origin, keys } = await beginWarm({ maxAgeSeconds: 600 });
    const tokens: Promise<unknown>[] = [];
    const before = origin.requests.length;
    for (let second = 0; second < 3600; second++) {
      keys.known(under("first"));
      tokens.push(keys.find(under(`unknown-${second}`)).catch(() => {}));
      await clock.elapse(1);
    }
    expect(origin.requests.length - before).toBeLessThanOrEqual(370);
    await clock.elapse(15);
    await atOnce(Promise.all(tokens));
  });

  test("cause no fetch while failures forbid it", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.misbehave({ status: 503, headers: { "retry-after": "120" } });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ status: 503 });
    origin.comeBack();
    for (let second = 0; second < 109; second++) {
      await expect(atOnce(keys.find(under(`unknown-${second}`)))).rejects.toMatchObject({
        code: "backing_off",
        status: 503,
        retryAfterSeconds: 120 - second,
      });
      await clock.elapse(1);
    }
    expect(origin.requests).toHaveLength(2);
  });

  test("are looked up again each time without a cooldown", async () => {
    const { origin, keys } = await beginWarm({ cooldownSeconds: 0 });
    for (const kid of ["one", "two", "three"]) {
      expect(await atOnce(keys.find(under(kid)))).toEqual([]);
    }
    expect(origin.requests).toHaveLength(4);
  });
});
