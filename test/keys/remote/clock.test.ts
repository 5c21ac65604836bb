import { describe, expect, test } from "vitest";
import { beginStory, type KeySetStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, until } from "../../support/story-clock.ts";

const first = publicJwk("first");
const second = publicJwk("second");
const HOUR = 3600;
const DAY = 86_400;

async function beginWarm(): Promise<KeySetStory> {
  const story = beginStory();
  story.origin.publish(first);
  await atOnce(story.keys.prefetch());
  return story;
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

describe("a clock that is set back an hour", () => {
  test("leaves a set from the future, which counts as expired, and one fetch replaces it", async () => {
    const { clock, origin, keys } = await beginWarm();
    clock.set(-HOUR);
    expect(keys.state.standing).toBe("none");
    expect(keys.known(under("first"))).toEqual([]);
    const callers = Array.from({ length: 50 }, () => keys.find(under("first")));
    for (const caller of callers) expect(await atOnce(caller)).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
    expect(keys.state).toMatchObject({ standing: "fresh", fetchedAt: clock.now() });
  });

  test("does not make failures forbid a refresh for an hour", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.misbehave({ status: 503, headers: { "retry-after": "300" } });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ status: 503 });
    origin.comeBack();
    clock.set(-HOUR);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(keys.state.retryAt).toBeUndefined();
  });

  test("does not make a cooldown last an hour", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    clock.set(-HOUR);
    await atOnce(keys.find(under("first")));
    origin.publish(second);
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
  });

  test("during a fetch makes no caller wait longer than a fetch may take", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).fallSilent();
    const early = quiet(keys.find(under("first")));
    await clock.elapse(1);
    clock.set(-HOUR);
    origin.comeBack();
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    await clock.elapse(5);
    expect(await atOnce(early)).toHaveLength(1);
    expect(origin.requests.length).toBeLessThanOrEqual(3);
  });

  test("while a token is parked does not keep it for an hour", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    await clock.elapse(1);
    origin.publish(second);
    const parked = quiet(keys.find(under("second")));
    clock.set(-HOUR);
    await clock.elapse(15);
    expect(await atOnce(parked)).toHaveLength(1);
  });
});

describe("a clock that is set forward", () => {
  test("a day makes callers fetch first, and use the set if the origin does not answer", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.goDown();
    clock.set(DAY);
    expect(keys.state.standing).toBe("unasked");
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });

  test("beyond the set's trust makes callers fetch, and use what the origin sends", async () => {
    const { clock, origin, keys } = await beginWarm();
    origin.publish(second).withdraw(first);
    clock.set(2 * DAY);
    expect(keys.known(under("first"))).toEqual([]);
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
    expect(keys.known(under("first"))).toEqual([]);
    expect(origin.requests).toHaveLength(2);
  });

  test("and back again costs a fetch each time, and no refusal", async () => {
    const { clock, origin, keys } = await beginWarm();
    for (let turn = 1; turn <= 5; turn++) {
      clock.set(2 * DAY);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
      clock.set(-2 * DAY);
      expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    }
    expect(origin.requests).toHaveLength(11);
  });

  test("during a fetch does not spoil the answer", async () => {
    const { clock, origin, keys } = beginStory();
    const answer = origin.publish(first).holdOnce();
    const waiting = quiet(keys.find(under("first")));
    clock.set(60);
    answer.arrive();
    expect(await atOnce(waiting)).toHaveLength(1);
    expect(keys.state.fetchedAt).toBe(clock.now() - 60_000);
  });
});

describe("a clock that stands still, as between two events of some edge runtimes", () => {
  test("does not keep callers of a cold set waiting for ever", async () => {
    const { clock, origin, keys } = beginStory();
    origin.fallSilent();
    clock.freeze();
    const waiting = quiet(keys.find(under("first")));
    await clock.elapse(11);
    await expect(atOnce(waiting)).rejects.toMatchObject({ code: "fetch_timeout", status: 503 });
    expect(origin.requests).toHaveLength(2);
  });

  test("does not keep a token parked for ever, and gives it its key", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    clock.freeze();
    origin.publish(second);
    const parked = quiet(keys.find(under("second")));
    await clock.elapse(10);
    expect(await atOnce(parked)).toHaveLength(1);
    expect(origin.requests).toHaveLength(3);
  });

  test("bounds the wait of a parked token whose origin is silent", async () => {
    const { clock, origin, keys } = await beginWarm();
    await atOnce(keys.find(under("unknown")));
    origin.fallSilent();
    clock.freeze();
    const parked = quiet(keys.find(under("second")));
    await clock.elapse(15);
    await expect(atOnce(parked)).rejects.toMatchObject({ status: 503 });
  });

  test("does not prevent the replacement of a lost leader", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).fallSilent();
    clock.freeze();
    quiet(keys.find(under("first")));
    clock.forgetTimers();
    origin.comeBack();
    const follower = quiet(keys.find(under("first")));
    await clock.elapse(5);
    expect(await atOnce(follower)).toHaveLength(1);
  });
});

describe("a clock that gives no time", () => {
  for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, undefined]) {
    test(`but ${broken} accepts no token`, async () => {
      let time: number | undefined = 1_700_000_000_000;
      const { origin, keys } = beginStory({ now: () => time as number });
      origin.publish(first);
      await atOnce(keys.prefetch());
      time = broken;
      expect(() => keys.known(under("first"))).toThrow(TypeError);
      await expect(atOnce(keys.find(under("first")))).rejects.toThrow(TypeError);
      expect(() => keys.state).toThrow(TypeError);
    });
  }

  test("during a fetch does not spoil the answer", async () => {
    let time = 1_700_000_000_000;
    const { origin, keys } = beginStory({ now: () => time });
    const answer = origin.publish(first).holdOnce();
    const waiting = quiet(keys.find(under("first")));
    time = Number.NaN;
    answer.arrive();
    await atOnce(waiting).catch(() => {});
    time = 1_700_000_001_000;
    await until(() => keys.state.standing === "fresh");
    expect(keys.known(under("first"))).toHaveLength(1);
  });
});
