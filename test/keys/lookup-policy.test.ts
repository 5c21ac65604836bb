import { describe, expect, test } from "vitest";
import { decide, longestWait, type Waiting } from "../../src/keys/lookup-policy.ts";
import { EMPTY, GRACE, type RefreshState } from "../../src/keys/refresh-policy.ts";
import { BOUNDS as bounds } from "../support/refresh-bounds.ts";

const NOW = 1_700_000_000_000;
const SECOND = 1000;
/** A set that was fetched a minute ago. */
const HELD: RefreshState = {
  ...EMPTY,
  newest: 1,
  lastSuccess: 1,
  fetchedAt: NOW - 60 * SECOND,
  freshUntil: NOW + 540 * SECOND,
  askedAt: NOW - 60 * SECOND,
};

/** A lookup under an unknown kid that arrived now, before any refresh after the first one. */
function waiting(more: Partial<Waiting> = {}): Waiting {
  const alone = { found: false, issuedAt: undefined, others: 0 };
  return { ...alone, arrivedAfter: 1, arrivedAt: NOW, ...more };
}

describe("a lookup of a cold set", () => {
  // The origin answered after the lookup came, but nothing that it answered is trusted now.
  const untrusted = (fetchedAt: number): RefreshState => ({
    ...HELD,
    ...{ lastSuccess: 2, fetchedAt, freshUntil: NOW - bounds.staleIfError },
  });

  test("is answered by a set that was fetched after it came, though not trusted for long", () => {
    expect(decide(untrusted(NOW), bounds, waiting(), NOW + 1)).toEqual({ act: "answer" });
  });

  test("is refused by a set that is older than itself", () => {
    expect(decide(untrusted(NOW - 1), bounds, waiting(), NOW + 1)).toMatchObject({
      act: "refuse",
      retryAt: NOW + 1,
    });
  });

  const lastStart = longestWait(bounds) - bounds.timeout - GRACE;

  test("starts a refresh only before the last moment from which it can wait for one", () => {
    const first = waiting({ arrivedAfter: 0 });
    expect(decide(EMPTY, bounds, first, NOW + lastStart - 1)).toMatchObject({ act: "refresh" });
    expect(decide(EMPTY, bounds, first, NOW + lastStart)).toMatchObject({ act: "refuse" });
  });

  test("names the end of the back-off when its time is over", () => {
    const failed = { ...EMPTY, newest: 2, lastFailure: 2, failures: 2, retryAt: NOW + 60 * SECOND };
    const late = decide(failed, bounds, waiting(), NOW + lastStart);
    expect(late).toMatchObject({ act: "refuse", retryAt: NOW + 60 * SECOND });
    const over = decide({ ...failed, retryAt: 0 }, bounds, waiting(), NOW + lastStart);
    expect(over).toMatchObject({ act: "refuse", retryAt: NOW + lastStart });
  });

  test("waits for the first retry only if that comes before its last start", () => {
    const failed = (retryAt: number): RefreshState => ({
      ...EMPTY,
      ...{ newest: 1, lastFailure: 1, failures: 1, retryAt },
    });
    const now = NOW + lastStart - SECOND / 2;
    const early = decide(failed(NOW + lastStart - 1), bounds, waiting(), now);
    expect(early).toEqual({ act: "wait", until: NOW + lastStart - 1 });
    expect(decide(failed(NOW + lastStart), bounds, waiting(), now)).toMatchObject({
      act: "refuse",
    });
  });

  test("is refused after a second failure while it waited, and tries again after a first one", () => {
    const failed = { ...EMPTY, newest: 3, lastFailure: 3, retryAt: NOW };
    const after = NOW + 1;
    expect(decide({ ...failed, failures: 2 }, bounds, waiting(), after).act).toBe("refuse");
    expect(decide({ ...failed, failures: 1 }, bounds, waiting(), after).act).toBe("refresh");
    const later = waiting({ arrivedAfter: 3 });
    expect(decide({ ...failed, failures: 2 }, bounds, later, after).act).toBe("refresh");
  });
});

describe("a lookup under an unknown kid", () => {
  const deadline = bounds.cooldown + bounds.timeout;

  test("follows a refresh until its deadline, and is refused from then on", () => {
    const flying = { ...HELD, newest: 2, inFlightSince: NOW + deadline - SECOND };
    const before = decide(flying, bounds, waiting(), NOW + deadline - 1);
    expect(before).toEqual({ act: "follow", until: NOW + deadline });
    expect(decide(flying, bounds, waiting(), NOW + deadline)).toMatchObject({ act: "refuse" });
    expect(decide(HELD, bounds, waiting(), NOW + deadline)).toMatchObject({ act: "refuse" });
  });

  test("waits for a refresh in full only if that starts within its cooldown", () => {
    const limit = bounds.timeout + GRACE;
    const soon = decide(HELD, bounds, waiting(), NOW + 1);
    expect(soon).toMatchObject({ act: "refresh", until: NOW + 1 + limit });
    const late = decide(HELD, bounds, waiting(), NOW + bounds.cooldown + SECOND);
    expect(late).toMatchObject({ act: "refresh", until: NOW + bounds.cooldown + limit });
  });
});

describe("a lookup without a place to wait", () => {
  const full = waiting({ others: bounds.maxParked });

  test("learns when the refresh may start for which it would have waited", () => {
    const cooling = { ...HELD, newest: 2, unknownKidAt: NOW - SECOND };
    expect(decide(cooling, bounds, full, NOW)).toEqual({
      act: "refuse",
      retryAt: NOW - SECOND + bounds.cooldown,
      cause: undefined,
    });
  });

  test("may try again at once where a refresh is under way", () => {
    const flying = { ...HELD, newest: 2, inFlightSince: NOW - SECOND };
    expect(decide(flying, bounds, full, NOW)).toEqual({
      act: "refuse",
      retryAt: NOW,
      cause: undefined,
    });
  });

  test("starts the refresh for which it would have waited", () => {
    expect(decide(HELD, bounds, full, NOW)).toEqual({
      act: "refuse",
      retryAt: NOW,
      cause: "unknown_kid",
    });
  });
});
