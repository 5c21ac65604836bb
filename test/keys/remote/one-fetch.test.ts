import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting, until } from "../../support/story-clock.ts";

const first = publicJwk("first");
const second = publicJwk("second");

describe("one fetch at a time", () => {
  test("is shared by any number of callers of a cold set", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first);
    const found = await atOnce(
      Promise.all(Array.from({ length: 1000 }, () => keys.find(under("first")))),
    );
    expect(origin.requests).toHaveLength(1);
    expect(new Set(found.map(([key]) => key)).size).toBe(1);
  });

  test("is shared with later callers while it is under way, also with prefetch and refresh", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).answerSlowly(0.5);
    const early = keys.find(under("first"));
    await clock.elapse(0.3);
    const late = [keys.find(under("first")), keys.prefetch(), keys.refresh()];
    await clock.elapse(0.2);
    await atOnce(Promise.all([early, ...late]));
    expect(origin.requests).toHaveLength(1);
  });

  test("goes on for the others when a caller stops waiting, even the one that started it", async () => {
    const { origin, keys } = beginStory();
    const answer = origin.publish(first).holdOnce();
    const [leader, follower] = [new AbortController(), new AbortController()];
    const led = keys.find(under("first"), { signal: leader.signal });
    const followed = keys.find(under("first"), { signal: follower.signal });
    const patient = keys.find(under("first"));

    const [reason, otherReason] = [new Error("client went away"), "no particular reason"];
    leader.abort(reason);
    follower.abort(otherReason);
    await expect(atOnce(led)).rejects.toMatchObject({ code: "fetch_failed", cause: reason });
    await expect(atOnce(followed)).rejects.toMatchObject({ code: "fetch_failed", status: 503 });
    await expect(atOnce(followed)).rejects.toHaveProperty("cause", otherReason);

    expect(await isWaiting(patient)).toBe(true);
    expect(origin.requests[0]?.signal.aborted).toBe(false);
    answer.arrive();
    expect(await atOnce(patient)).toHaveLength(1);
    expect(origin.requests).toHaveLength(1);
    expect(keys.state.failures).toBe(0);
  });

  test("does not start for a caller whose signal is already aborted", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first);
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(atOnce(keys.find(under("first"), { signal }))).rejects.toMatchObject({
      code: "fetch_failed",
      cause: signal.reason,
    });
    expect(origin.requests).toHaveLength(0);
  });

  test("is not needed by a caller whose key is known, aborted or not", async () => {
    const { origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    const found = await atOnce(keys.find(under("first"), { signal: AbortSignal.abort() }));
    expect(found).toHaveLength(1);
  });

  test("leaves no listener on a caller's signal", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).failOnce();
    const { signal } = new AbortController();
    const found = keys.find(under("first"), { signal });
    await clock.elapse(1);
    expect(await atOnce(found)).toHaveLength(1);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("ends at its time limit, even if fetch ignores the signal and never settles", async () => {
    const { clock, origin, keys } = beginStory({ timeoutSeconds: 2 });
    origin.fallSilent();
    const refreshed = keys.refresh();
    await clock.elapse(1.999);
    expect(await isWaiting(refreshed)).toBe(true);
    await clock.elapse(0.001);
    await expect(atOnce(refreshed)).rejects.toMatchObject({ code: "fetch_timeout" });
    expect(origin.requests[0]?.signal.aborted).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test("ends at its time limit when the body never ends", async () => {
    const { clock, keys } = beginStory({
      fetch: async () => ({
        status: 200,
        headers: new Headers(),
        body: new ReadableStream({
          pull(controller) {
            controller.enqueue(new TextEncoder().encode(" "));
            return new Promise((resolve) => setTimeout(resolve, 100));
          },
        }),
        text: () => new Promise(() => {}),
      }),
    });
    const refreshed = keys.refresh();
    refreshed.catch(() => {});
    await clock.elapse(5);
    await expect(atOnce(refreshed)).rejects.toMatchObject({ code: "fetch_timeout" });
  });
});

describe("a leader whose request ended, and its fetch and timers with it", () => {
  test("is replaced by one follower after a bounded wait, and the others follow that one", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).fallSilent();
    keys.find(under("first")).catch(() => {});
    clock.forgetTimers();

    origin.comeBack();
    await clock.elapse(0.2);
    const followers = Array.from({ length: 20 }, () => keys.find(under("first")));
    await clock.elapse(5);
    const found = await atOnce(Promise.all(followers));
    expect(found.every(({ length }) => length === 1)).toBe(true);
    expect(origin.requests).toHaveLength(2);
  });

  test("does not delay callers that come after its time limit", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).fallSilent();
    keys.find(under("first")).catch(() => {});
    clock.forgetTimers();

    origin.comeBack();
    await clock.elapse(5);
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    expect(origin.requests).toHaveLength(2);
  });

  test("is replaced for a parked token too", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    origin.fallSilent();
    keys.find(under("second")).catch(() => {});
    clock.forgetTimers();

    origin.publish(second).comeBack();
    const parked = keys.find(under("second"));
    await clock.elapse(10);
    expect(await atOnce(parked)).toHaveLength(1);
    expect(origin.requests).toHaveLength(3);
  });
});

describe("an older response", () => {
  test("never overwrites a newer one", async () => {
    const { clock, origin, keys, told } = beginStory();
    origin.publish(first);
    const older = origin.holdOnce();
    keys.find(under("first")).catch(() => {});
    clock.forgetTimers();
    await clock.elapse(5);

    origin.publish(second).withdraw(first);
    await atOnce(keys.prefetch());
    expect(keys.state.kids).toEqual(["second"]);

    older.arrive();
    await clock.elapse(0);
    expect(keys.state.kids).toEqual(["second"]);
    expect(keys.known(under("first"))).toEqual([]);
    expect(told("refresh_succeeded")).toHaveLength(1);
  });

  test("that fails late does not count against an origin that has answered since", async () => {
    const { clock, origin, keys, told } = beginStory();
    origin.publish(first);
    const older = origin.holdOnce();
    keys.find(under("first")).catch(() => {});
    clock.forgetTimers();
    await clock.elapse(5);
    await atOnce(keys.prefetch());

    older.breakOff();
    await clock.elapse(0);
    const { failures, retryAt, lastError } = keys.state;
    expect({ failures, retryAt, lastError }).toEqual({
      failures: 0,
      retryAt: undefined,
      lastError: undefined,
    });
    for (const { retryAfterSeconds } of told("refresh_failed")) {
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(0);
    }
  });

  test("is not confirmed by a newer 304", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).say({ etag: '"one"' });
    await atOnce(keys.prefetch());

    // Both send the validator of the first set: one lost its request, the other is its follower.
    origin.publish(second).say({ etag: '"two"' });
    const older = origin.holdOnce();
    await clock.elapse(600);
    keys.known(under("first"));
    clock.forgetTimers();
    await clock.elapse(6);
    origin.withdraw(second).say({ etag: '"one"' });
    const newer = origin.holdOnce();
    keys.known(under("first"));
    await clock.elapse(1);
    keys.known(under("first"));
    expect(origin.requests).toHaveLength(3);

    older.arrive();
    await until(() => keys.state.kids.length === 2);
    newer.arrive();
    await clock.elapse(0);
    // The newest answer confirms the set of that validator, so the next set is fetched without it.
    await clock.elapse(600);
    await atOnce(keys.refresh());
    expect(keys.state.kids).toEqual(["first"]);
  });
});

describe("refresh()", () => {
  test("is answered by its own fetch, although one that began later has failed before", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first);
    const own = origin.holdOnce();
    const refreshed = keys.refresh();
    const found = keys.find(under("first"));
    origin.failOnce();
    // The lookup has waited so long that it asks itself, and in vain.
    await clock.elapse(1.6);
    expect(origin.requests).toHaveLength(2);
    expect(keys.state.failures).toBe(1);

    own.arrive();
    await expect(atOnce(refreshed)).resolves.toBeUndefined();
    expect(keys.state).toMatchObject({ standing: "fresh", failures: 0 });
    await clock.elapse(1);
    expect(await atOnce(found)).toHaveLength(1);
  });

  test("is answered by a later fetch where the one that it shares is lost with its request", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first).holdOnce();
    keys.find(under("first")).catch(() => {});
    clock.forgetTimers();
    const refreshed = keys.refresh();
    const found = keys.find(under("first"));
    await clock.elapse(1.6);
    expect(await atOnce(found)).toHaveLength(1);

    await clock.elapse(4);
    await expect(atOnce(refreshed)).resolves.toBeUndefined();
    expect(origin.requests).toHaveLength(2);
  });

  test("is not answered by a set that came before", async () => {
    const { clock, origin, keys } = beginStory();
    origin.publish(first);
    await atOnce(keys.prefetch());
    origin.failOnce();
    const refreshed = keys.refresh();
    await expect(atOnce(refreshed)).rejects.toMatchObject({ code: "fetch_failed" });
    await clock.elapse(1);
    await expect(atOnce(keys.refresh())).resolves.toBeUndefined();
  });
});
