import { expect, test } from "vitest";
import { decide, longestWait } from "../../../src/keys/lookup-policy.ts";
import { begin, EMPTY, fail } from "../../../src/keys/refresh-policy.ts";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, isWaiting } from "../../support/story-clock.ts";

/** The longest wait under the default bounds: ten seconds at the start, then one refresh. */
const LONGEST = 10 + 5.1;

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** A request that ends at once: its lookup, its fetch and their timers go with it. */
function lost(lookUp: () => Promise<unknown>): void {
  // Not a mock: at the end of the file, all mocks would be restored to this clock's timers.
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (() => 0) as never;
  quiet(lookUp());
  globalThis.setTimeout = setTimeout;
}

test("a cold lookup does not wait for one lost leader after another", async () => {
  const { clock, origin, keys } = beginStory();
  origin.fallSilent();
  const patient = quiet(keys.find(under("A")));
  await clock.elapse(4.999);
  lost(() => keys.find(under("A")));
  // The first refresh has failed by now, so the second counts as lost only at its time limit.
  await clock.elapse(5.099);
  clock.set(0.001);
  lost(() => keys.find(under("A")));
  await clock.elapse(LONGEST - 10.098);
  expect(await isWaiting(patient)).toBe(false);
});

test("a parked token does not wait for a refresh that may start after its cooldown", async () => {
  const { clock, origin, keys } = beginStory({ maxAgeSeconds: 3600 });
  origin.publish(publicJwk("A"));
  await atOnce(keys.prefetch());
  origin.fallSilent();
  lost(() => keys.find(under("X")));
  await clock.elapse(1);
  const parked = quiet(keys.find(under("Y")));
  await clock.elapse(8.999);
  clock.set(0.001);
  lost(() => keys.find(under("Z")));
  await clock.elapse(LONGEST - 8.999);
  expect(await isWaiting(parked)).toBe(false);
});

test("a place of a lost lookup is free again, even if the clock was set back a day", async () => {
  const { clock, origin, keys } = beginStory({ maxParked: 1 });
  origin.fallSilent();
  quiet(keys.find(under("A")));
  quiet(keys.find(under("A")));
  clock.forgetTimers();
  clock.set(-86_400);
  origin.comeBack().publish(publicJwk("A"));
  await clock.elapse(60);
  expect(keys.state.parked).toBe(0);
  expect(await atOnce(keys.find(under("A")))).toHaveLength(1);
});

test("a cold lookup does not wait for a retry that would come too late for it", () => {
  const bounds = {
    staleWhileRevalidate: 0,
    staleIfError: 0,
    cooldown: 0,
    timeout: 1,
    maxParked: 1,
  };
  const arrivedAt = 1_700_000_000_000;
  const now = arrivedAt + 305;
  const state = fail(
    begin(EMPTY, "cold", now),
    { refresh: 1, retryAfterSeconds: undefined, random: 0 },
    now,
  );
  const lookup = { found: false, arrivedAfter: 0, issuedAt: undefined, others: 0 };
  expect(state.retryAt).toBeGreaterThan(arrivedAt + longestWait(bounds));
  expect(decide(state, bounds, { ...lookup, arrivedAt }, now)).toMatchObject({ act: "refuse" });
  expect(decide(state, bounds, { ...lookup, arrivedAt: now }, now)).toMatchObject({ act: "wait" });
});
