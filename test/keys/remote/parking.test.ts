import { describe, expect, test, vi } from "vitest";
import { beginStory, type KeySetStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting } from "../../support/story-clock.ts";

// A test over hours of simulated time takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const first = publicJwk("first");
const second = publicJwk("second");

/** A warm set in the first second of a cooldown: a lookup under an unknown kid has to wait. */
async function beginCooling(options: Parameters<typeof beginStory>[0] = {}): Promise<KeySetStory> {
  const story = beginStory({ maxAgeSeconds: 3600, ...options });
  const { clock, origin, keys } = story;
  origin.publish(first);
  await atOnce(keys.prefetch());
  await atOnce(keys.find(under("unknown")));
  await clock.elapse(1);
  return story;
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

describe("a parked token", () => {
  test("shares the next refresh with all other parked tokens", async () => {
    const { clock, origin, keys, told } = await beginCooling();
    origin.publish(second);
    const parked = Array.from({ length: 200 }, () => keys.find(under("second")));
    expect(keys.state.parked).toBe(200);
    expect(told("kid_parked")).toHaveLength(201);
    await clock.elapse(9);
    for (const token of parked) expect(await atOnce(token)).toHaveLength(1);
    expect(origin.requests).toHaveLength(3);
    expect(keys.state.parked).toBe(0);
  });

  test("leaves when its caller stops waiting, and the others stay", async () => {
    const { clock, origin, keys } = await beginCooling();
    origin.publish(second);
    const controller = new AbortController();
    const leaving = keys.find(under("second"), { signal: controller.signal });
    const staying = keys.find(under("second"));
    expect(keys.state.parked).toBe(2);
    const reason = new Error("client went away");
    controller.abort(reason);
    await expect(atOnce(leaving)).rejects.toMatchObject({ code: "fetch_failed", cause: reason });
    expect(keys.state.parked).toBe(1);
    await clock.elapse(9);
    expect(await atOnce(staying)).toHaveLength(1);
  });

  test("is refused when all places are taken, and places become free again", async () => {
    const { clock, origin, keys, told } = await beginCooling({ maxParked: 3 });
    const parked = ["a", "b", "c"].map((kid) => keys.find(under(kid)));
    await expect(atOnce(keys.find(under("d")))).rejects.toMatchObject({
      code: "backing_off",
      status: 503,
      retryAfterSeconds: 9,
    });
    expect(told("kid_refused").at(-1)).toMatchObject({ kid: "d", code: "backing_off" });
    expect(keys.known(under("first"))).toHaveLength(1);

    await clock.elapse(9);
    expect(await atOnce(Promise.all(parked))).toEqual([[], [], []]);
    origin.publish(second);
    const token = keys.find(under("second"));
    await clock.elapse(10);
    expect(await atOnce(token)).toHaveLength(1);
  });

  test("is one of 1,024 at most by default", async () => {
    const { clock, keys } = await beginCooling();
    const parked = Array.from({ length: 1024 }, (_, n) => keys.find(under(`unknown-${n}`)));
    await expect(atOnce(keys.find(under("one-too-many")))).rejects.toMatchObject({
      code: "backing_off",
    });
    expect(keys.state.parked).toBe(1024);
    await clock.elapse(9);
    await atOnce(Promise.all(parked));
  });

  test("waits for the cooldown and one answer, and never longer", async () => {
    const { clock, origin, keys } = await beginCooling();
    origin.answerSlowly(4);
    const token = keys.find(under("second"));
    await clock.elapse(12.9);
    expect(await isWaiting(token)).toBe(true);
    await clock.elapse(0.1);
    expect(await atOnce(token)).toEqual([]);
  });

  test("gets 503 and nothing else when the refresh it waited for fails", async () => {
    const { clock, origin, keys } = await beginCooling();
    origin.fallSilent();
    const parked = [quiet(keys.find(under("a"))), quiet(keys.find(under("b")))];
    await clock.elapse(14);
    for (const token of parked) {
      await expect(atOnce(token)).rejects.toMatchObject({ code: "fetch_timeout", status: 503 });
    }
    expect(origin.requests).toHaveLength(3);
    expect(keys.state.parked).toBe(0);
  });

  test("is accepted when an earlier refresh fails and the next one succeeds", async () => {
    const { clock, origin, keys } = await beginCooling();
    await clock.elapse(9);
    const early = origin.holdOnce();
    const before = quiet(keys.find(under("unknown")));
    await clock.elapse(1);
    origin.publish(second);
    const token = keys.find(under("second"));
    early.breakOff();
    await expect(atOnce(before)).rejects.toMatchObject({ code: "fetch_failed" });
    expect(await isWaiting(token)).toBe(true);
    await clock.elapse(9);
    expect(await atOnce(token)).toHaveLength(1);
  });

  test("is refused at once when failures forbid a refresh for longer than it would wait", async () => {
    const { origin, keys } = await beginCooling();
    origin.misbehave({ status: 429, headers: { "retry-after": "60" } });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ upstreamStatus: 429 });
    await expect(atOnce(keys.find(under("second")))).rejects.toMatchObject({
      code: "backing_off",
      status: 503,
      retryAfterSeconds: 60,
    });
  });

  test("waits for a refresh that failures forbid for less than the cooldown", async () => {
    const { clock, origin, keys } = await beginCooling();
    await clock.elapse(60);
    origin.publish(second).failOnce();
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
    const token = keys.find(under("second"));
    expect(await isWaiting(token)).toBe(true);
    await clock.elapse(1);
    expect(await atOnce(token)).toHaveLength(1);
  });

  test("stops waiting at its own time limit, even if every leader is lost", async () => {
    const { clock, origin, keys } = await beginCooling();
    origin.fallSilent();
    await clock.elapse(9);
    quiet(keys.find(under("lost")));
    clock.forgetTimers();
    const token = quiet(keys.find(under("second")));
    await clock.elapse(15);
    await expect(atOnce(token)).rejects.toMatchObject({ status: 503 });
    expect(keys.state.parked).toBe(1);
  });
});

describe("a token that finds no room to wait", () => {
  async function beginWithoutRoom(): Promise<KeySetStory> {
    const story = beginStory({ maxAgeSeconds: 3600, maxParked: 0 });
    story.origin.publish(first);
    await atOnce(story.keys.prefetch());
    story.origin.publish(second);
    return story;
  }
  const refused = { code: "backing_off", status: 503 };

  test("is refused at once, and starts the refresh that brings its key", async () => {
    const { clock, origin, keys, told } = await beginWithoutRoom();
    await expect(atOnce(keys.find(under("second")))).rejects.toMatchObject({
      ...refused,
      retryAfterSeconds: 1,
    });
    expect(told("refresh_started").at(-1)).toMatchObject({ cause: "unknown_kid" });
    expect(told("kid_refused").at(-1)).toMatchObject({ kid: "second", code: "backing_off" });
    expect([told("kid_parked"), keys.state.parked]).toEqual([[], 0]);
    await clock.elapse(1);
    expect(origin.requests).toHaveLength(2);
    expect(keys.known(under("second"))).toHaveLength(1);
    expect(await atOnce(keys.find(under("second")))).toHaveLength(1);
  });

  test("starts no other refresh within the cooldown, nor while failures forbid it", async () => {
    const { clock, origin, keys } = await beginWithoutRoom();
    for (const kid of ["a", "b", "c"]) {
      await expect(atOnce(keys.find(under(kid)))).rejects.toMatchObject(refused);
    }
    await clock.elapse(9);
    await expect(atOnce(keys.find(under("d")))).rejects.toMatchObject({
      ...refused,
      retryAfterSeconds: 1,
    });
    expect(origin.requests).toHaveLength(2);
    await clock.elapse(1);
    origin.misbehave({ status: 429, headers: { "retry-after": "60" } });
    await expect(atOnce(keys.find(under("e")))).rejects.toMatchObject(refused);
    expect(origin.requests).toHaveLength(3);
    await clock.elapse(20);
    await expect(atOnce(keys.find(under("f")))).rejects.toMatchObject({
      ...refused,
      retryAfterSeconds: 40,
    });
    expect(origin.requests).toHaveLength(3);
  });

  test("hands the refresh to waitUntil, and starts none when its caller has given up", async () => {
    const { clock, origin, keys } = await beginWithoutRoom();
    const aborted = quiet(keys.find(under("second"), { signal: AbortSignal.abort() }));
    await expect(atOnce(aborted)).rejects.toMatchObject(refused);
    expect(origin.requests).toHaveLength(1);
    const waitUntil = vi.fn();
    quiet(keys.find(under("second"), { waitUntil }));
    expect(waitUntil).toHaveBeenCalledExactlyOnceWith(expect.any(Promise));
    await clock.elapse(1);
    expect(keys.known(under("second"))).toHaveLength(1);
  });

  test("asks the origin of a cold set whose leader is lost", async () => {
    const { clock, origin, keys } = beginStory({ maxParked: 0 });
    origin.fallSilent();
    quiet(keys.find(under("first")));
    clock.forgetTimers();
    await clock.elapse(1);
    await expect(atOnce(keys.find(under("first")))).rejects.toMatchObject(refused);
    expect(origin.requests).toHaveLength(1);
    origin.comeBack().publish(first);
    await clock.elapse(1);
    await expect(atOnce(keys.find(under("first")))).rejects.toMatchObject(refused);
    await clock.elapse(1);
    expect(keys.known(under("first"))).toHaveLength(1);
  });
});
