import { describe, expect, test } from "vitest";
import { type Decision, decide, type Waiting } from "../../src/keys/lookup-policy.ts";
import {
  begin,
  EMPTY,
  fail,
  isBackingOff,
  isCold,
  isInFlight,
  isTrusted,
  type RefreshBounds,
  type RefreshState,
  standing,
  succeed,
} from "../../src/keys/refresh-policy.ts";
import { BOUNDS as bounds } from "../support/refresh-bounds.ts";

const SECOND = 1000;
const NOW = 1_700_000_000_000;

/** A refresh that starts, and succeeds at once with a set that is fresh for ten minutes. */
function fetched(state: RefreshState, now: number): RefreshState {
  const begun = begin(state, "stale", now);
  const success = { refresh: begun.newest, fetchedAt: now, maxAge: 600 * SECOND };
  return succeed(begun, { ...success, isStored: false, random: 0 }, now);
}

/** A refresh that starts, and fails at once. */
function refused(state: RefreshState, now: number, retryAfterSeconds?: number): RefreshState {
  const begun = begin(state, "stale", now);
  return fail(begun, { refresh: begun.newest, retryAfterSeconds, random: 0 }, now);
}

/** A lookup that arrives now, alone, under an unknown kid. */
function arriving(state: RefreshState, now: number, more: Partial<Waiting> = {}): Waiting {
  const alone = { found: false, issuedAt: undefined, others: 0 };
  return { ...alone, arrivedAfter: state.newest, arrivedAt: now, ...more };
}

describe("the use of a set", () => {
  const held = fetched(EMPTY, NOW);
  for (const { age, is } of [
    { age: 0, is: "fresh" },
    { age: 599.999, is: "fresh" },
    { age: 600, is: "stale" },
    { age: 1199.999, is: "stale" },
    { age: 1200, is: "unasked" },
    { age: 86_999.999, is: "unasked" },
    { age: 87_000, is: "none" },
    { age: -0.001, is: "none" },
    { age: Number.NaN, is: "none" },
  ]) {
    test(`${age} s after it left its origin is ${is}`, () => {
      expect(standing(held, bounds, NOW + age * SECOND)).toBe(is);
    });
  }

  test("is none before the first set", () => {
    expect(standing(EMPTY, bounds, NOW)).toBe("none");
  });

  test("is stale after a failed attempt, until that attempt is long ago", () => {
    const later = NOW + 7200 * SECOND;
    const tried = refused(held, later);
    expect(standing(tried, bounds, later)).toBe("stale");
    expect(standing(tried, bounds, later + 599 * SECOND)).toBe("stale");
    expect(standing(tried, bounds, later + 600 * SECOND)).toBe("unasked");
  });
});

describe("a set of a store", () => {
  const held = fetched(EMPTY, NOW);
  // So much later that a set is trusted no longer, and a store may answer.
  const later = NOW + 90_000 * SECOND;
  const stored = (fetchedAt: number): RefreshState => {
    const begun = begin(held, "cold", later);
    const success = { refresh: begun.newest, fetchedAt, maxAge: 1200 * SECOND };
    return succeed(begun, { ...success, isStored: true, random: 0 }, later);
  };

  test("replaces an older one, and must be revalidated", () => {
    const fetchedAt = later - 60 * SECOND;
    const replaced = { fetchedAt, freshUntil: later, storeAsked: true, inFlightSince: undefined };
    expect(stored(fetchedAt)).toMatchObject({ ...replaced, lastSuccess: held.lastSuccess });
  });

  for (const age of [0, 1, 3600 * SECOND]) {
    test(`that left its origin ${age} ms before the held one replaces nothing`, () => {
      const { fetchedAt, freshUntil } = held;
      const kept = { fetchedAt, freshUntil, storeAsked: true, inFlightSince: undefined };
      expect(stored(NOW - age)).toMatchObject(kept);
    });
  }
});

describe("the states", () => {
  test("are never changed in place", () => {
    const states = [
      EMPTY,
      begin(EMPTY, "unknown_kid", NOW),
      fetched(EMPTY, NOW),
      refused(EMPTY, NOW),
    ];
    for (const state of states.map((state) => Object.freeze(state))) {
      begin(state, "unknown_kid", NOW);
      fetched(state, NOW);
      refused(state, NOW);
      decide(state, bounds, arriving(state, NOW), NOW);
    }
    expect(EMPTY.newest).toBe(0);
  });

  test("count failures since the last success", () => {
    const twice = refused(refused(fetched(EMPTY, NOW), NOW), NOW);
    expect(twice.failures).toBe(2);
    expect(fetched(twice, NOW)).toMatchObject({ failures: 0, retryAt: 0 });
  });
});

/** Random numbers that are the same in every run (Park and Miller, 1988). */
function chanceFrom(seed: number): () => number {
  let value = seed;
  return () => {
    value = (value * 48_271) % 2_147_483_647;
    return value / 2_147_483_647;
  };
}

/** A run of random events, and everything that the policy decided in it. */
function live(
  seed: number,
  steps: number,
): { at: number; state: RefreshState; decision: Decision }[] {
  const chance = chanceFrom(seed);
  const decisions: { at: number; state: RefreshState; decision: Decision }[] = [];
  let state = EMPTY;
  let now = NOW;
  for (let step = 0; step < steps; step++) {
    const pick = chance();
    // Mostly moments pass, at times hours; now and then the clock is set back.
    now += (chance() < 0.9 ? chance() * 4 : chance() * 20_000) * SECOND;
    if (chance() < 0.02) now -= chance() * 10_000 * SECOND;
    const refresh = Math.max(1, state.newest - (chance() < 0.1 ? 1 : 0));
    if (pick < 0.15 && isInFlight(state, bounds, now)) {
      const maxAge = (60 + chance() * 3540) * SECOND;
      const isStored = chance() < 0.2;
      const fetchedAt = isStored ? now - chance() * 9e6 : (state.inFlightSince ?? now);
      const success = { refresh, fetchedAt, maxAge, isStored, random: chance() };
      state = succeed(state, success, now);
    } else if (pick < 0.3 && isInFlight(state, bounds, now)) {
      const retryAfterSeconds = chance() < 0.2 ? chance() * 1e4 : undefined;
      state = fail(state, { refresh, retryAfterSeconds, random: chance() }, now);
    } else {
      const issuedAt = chance() < 0.2 ? now - chance() * 1e6 : undefined;
      const others = Math.floor(chance() * 4);
      const waiting = arriving(state, now, { found: chance() < 0.4, issuedAt, others });
      const decision = decide(state, bounds, waiting, now);
      decisions.push({ at: now, state, decision });
      if (decision.act === "refresh") state = begin(state, decision.cause, now);
    }
  }
  return decisions;
}

describe("in any order of events", () => {
  const lives = Array.from({ length: 20 }, (_, index) => live(index + 1, 3000)).flat();

  test("every kind of decision comes up", () => {
    const kinds = new Set(lives.map(({ decision }) => decision.act));
    expect([...kinds].sort()).toEqual(["answer", "follow", "refresh", "refuse", "wait"]);
  });

  test("no refresh starts beside one whose leader may still run, or while failures forbid it", () => {
    const wrong = lives.filter(({ at, state, decision }) => {
      if (decision.act !== "refresh") return false;
      // A caller without keys gives a leader up as lost after a second and a half.
      const isDoubted =
        !isTrusted(standing(state, bounds, at)) && at >= (state.inFlightSince ?? at) + 1500;
      return (isInFlight(state, bounds, at) && !isDoubted) || isBackingOff(state, at);
    });
    expect(wrong).toEqual([]);
  });

  test("unknown kids start no two refreshes within a cooldown", () => {
    const wrong = lives.filter(({ at, state, decision }) => {
      if (decision.act !== "refresh" || decision.cause !== "unknown_kid") return false;
      const since = at - state.unknownKidAt;
      return since >= 0 && since < bounds.cooldown;
    });
    expect(wrong).toEqual([]);
  });

  test("every wait ends at a future time, within its bound", () => {
    const wrong = lives.filter(({ at, decision }) => {
      if (decision.act !== "wait" && decision.act !== "follow") return false;
      const wait = decision.until - at;
      return !(wait > 0 && wait <= bounds.cooldown + bounds.timeout);
    });
    expect(wrong).toEqual([]);
  });

  test("every refusal gives a retry within five minutes", () => {
    const wrong = lives.filter(
      ({ at, decision }) => decision.act === "refuse" && decision.retryAt > at + 300 * SECOND,
    );
    expect(wrong).toEqual([]);
  });

  test("a set that is not trusted answers no lookup", () => {
    const wrong = lives.filter(
      ({ at, state, decision }) =>
        decision.act === "answer" && !isTrusted(standing(state, bounds, at)),
    );
    expect(wrong).toEqual([]);
  });

  test("a key that is found in a trusted set needs no wait", () => {
    const wrong = lives.filter(({ at, state }) => {
      const lookup = arriving(state, at, { found: true, others: bounds.maxParked });
      const isTold = decide(state, bounds, lookup, at).act === "answer";
      return isTrusted(standing(state, bounds, at)) && !isTold;
    });
    expect(wrong).toEqual([]);
  });
});

describe("a caller that waits for another caller's refresh", () => {
  const flying = begin(EMPTY, "stale", NOW);
  const actAt = (
    state: RefreshState,
    elapsed: number,
    more: Partial<RefreshBounds> = {},
  ): string => {
    const waiting = arriving(state, NOW);
    return decide(state, { ...bounds, ...more }, waiting, NOW + elapsed).act;
  };

  test("counts it as lost after a second and a half, or after its timeout if that is shorter", () => {
    expect(actAt(flying, 1_499)).toBe("follow");
    expect(actAt(flying, 1_500)).toBe("refresh");
    expect(actAt(flying, 549, { timeout: 500 })).toBe("refresh");
    expect(actAt(flying, 499, { timeout: 500 })).toBe("follow");
  });

  test("counts it as lost only after its timeout, once there was a failure", () => {
    const again = begin(refused(EMPTY, NOW - 2 * SECOND), "stale", NOW);
    expect(actAt(again, 5_099)).toBe("follow");
    expect(actAt(again, 5_100)).not.toBe("follow");
  });

  test("waits out a first failure, and no later one, even a near one", () => {
    const once = refused(EMPTY, NOW);
    expect(actAt(once, 500)).toBe("wait");
    const twice = refused(refused(EMPTY, NOW - 5 * SECOND), NOW);
    expect(twice.retryAt).toBe(NOW + 2 * SECOND);
    expect(actAt(twice, 1_500)).toBe("refuse");
  });
});

describe("a refresh", () => {
  test("is under way until a moment past its timeout, so that timers need not agree", () => {
    const flying = begin(EMPTY, "stale", NOW);
    expect(isInFlight(flying, bounds, NOW + 5_099)).toBe(true);
    expect(isInFlight(flying, bounds, NOW + 5_100)).toBe(false);
  });

  test("that is late ends only its own flight", () => {
    const second = begin(begin(EMPTY, "stale", NOW), "stale", NOW + SECOND);
    const failure = { refresh: 1, retryAfterSeconds: undefined, random: 0 };
    expect(fail(second, failure, NOW + 2 * SECOND).inFlightSince).toBe(NOW + SECOND);
    const newest = { ...failure, refresh: 2 };
    expect(fail(second, newest, NOW + 2 * SECOND).inFlightSince).toBeUndefined();
  });

  test("may be answered by a store when there is no set, and again after it failed", () => {
    expect(isCold(EMPTY, bounds, NOW)).toBe(true);
    expect(isCold(fetched(EMPTY, NOW), bounds, NOW)).toBe(false);
    expect(isCold({ ...EMPTY, storeAsked: true }, bounds, NOW)).toBe(false);
    expect(isCold(refused({ ...EMPTY, storeAsked: true }, NOW), bounds, NOW)).toBe(true);
  });

  test("that fails while a longer wait is on does not shorten it, unless it is of another clock", () => {
    const waiting = refused(EMPTY, NOW, 300);
    expect(refused(waiting, NOW + SECOND).retryAt).toBe(NOW + 300 * SECOND);
    expect(refused(waiting, NOW + SECOND, 301).retryAt).toBe(NOW + 301 * SECOND);
    expect(refused(waiting, NOW - SECOND).retryAt).toBe(NOW + SECOND);
  });

  test("is forbidden for at most five minutes, to the millisecond", () => {
    const waiting = refused(EMPTY, NOW, 300);
    expect(isBackingOff(waiting, NOW)).toBe(true);
    expect(isBackingOff(waiting, NOW - 1)).toBe(false);
  });
});
