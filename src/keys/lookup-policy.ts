import {
  GRACE,
  isBackingOff,
  isDuring,
  isInFlight,
  isTrusted,
  type RefreshBounds,
  type RefreshState,
  standing,
} from "./refresh-policy.ts";

/**
 * What a lookup does that found no key at once: pure functions of the state of the set, of the lookup and
 * of the time. All times are ms since the epoch, all durations ms.
 */

/** The longest that a cold caller waits out a first failure. */
const FIRST_RETRY = 1_000;
/** How long a follower waits for a leader without a fetch of its own. */
const PATIENCE = 1_500;
/** How much older than the set a token's `iat` must be for its key to be withdrawn, not new. */
const ISSUED_BEFORE = 120_000;

/** A lookup that has to wait, as it sees things. */
export interface Waiting {
  /** Whether the set held has the key. */
  readonly found: boolean;
  /** How many refreshes had been started when the lookup arrived. */
  readonly arrivedAfter: number;
  readonly arrivedAt: number;
  /** The token's unverified `iat`. */
  readonly issuedAt: number | undefined;
  /** How many others wait. */
  readonly others: number;
}

/** Why a lookup starts a refresh. */
type Cause = "cold" | "stale" | "unknown_kid";

export type Decision =
  /** Answer with what the set holds: the keys found, or their proven absence. */
  | { readonly act: "answer" }
  /** Start a refresh and wait for it. */
  | { readonly act: "refresh"; readonly cause: Cause; readonly until: number }
  /** Wait for the refresh under way, but not past this time: its leader may have gone. */
  | { readonly act: "follow"; readonly until: number }
  /** Wait for the next permitted refresh. */
  | { readonly act: "wait"; readonly until: number }
  /** Say that it cannot be told, and when to try again. With a cause, start a refresh all the same. */
  | { readonly act: "refuse"; readonly retryAt: number; readonly cause: Cause | undefined };

/** What a lookup that found no key at once is to do now; asked again after every wait. */
export function decide(
  state: RefreshState,
  bounds: RefreshBounds,
  waiting: Waiting,
  now: number,
): Decision {
  const decision = decideWithRoom(state, bounds, waiting, now);
  // Without a trusted set one leads, and so many follow.
  const room = bounds.maxParked + (isTrusted(standing(state, bounds, now)) ? 0 : 1);
  if (waiting.others < room || decision.act === "answer" || decision.act === "refuse") {
    return decision;
  }
  // No room to wait is no reason not to ask: else a set without room would not notice a rotation.
  return decision.act === "refresh"
    ? refuse(now, decision.cause)
    : refuse(decision.act === "wait" ? decision.until : now);
}

function decideWithRoom(
  state: RefreshState,
  bounds: RefreshBounds,
  waiting: Waiting,
  now: number,
): Decision {
  const current = standing(state, bounds, now);
  const { arrivedAfter, arrivedAt, issuedAt } = waiting;
  // A caller that saw the origin answer is answered, even where nothing is trusted for long.
  if (!isTrusted(current) && state.lastSuccess > arrivedAfter) {
    const isNew = current === "unasked" || (state.fetchedAt ?? 0) >= arrivedAt;
    return isNew ? { act: "answer" } : refuse(now);
  }
  if (isTrusted(current)) {
    // Only a success that began after the lookup arrived proves that a key is absent.
    if (waiting.found || state.lastSuccess > arrivedAfter) return { act: "answer" };
    // An old token under a key that is gone: waiting could not bring it back.
    if (issuedAt !== undefined && issuedAt < (state.fetchedAt ?? 0) - ISSUED_BEFORE) {
      return { act: "answer" };
    }
    return decideUnknownKid(state, bounds, waiting, now);
  }
  // Not one leader after another, were each to die.
  const lastStart = arrivedAt + longestWait(bounds) - bounds.timeout - GRACE;
  if (now >= lastStart) return refuse(Math.max(now, state.retryAt));
  if (isInFlight(state, bounds, now)) {
    // Where a promise dies with its request, only a wait without an answer shows that the leader is gone.
    // After a failure an endpoint that hangs is likelier, and every follower would add a fetch to it.
    const patience =
      state.failures > 0 ? bounds.timeout + GRACE : Math.min(PATIENCE, bounds.timeout);
    const doubtedAt = (state.inFlightSince ?? 0) + patience;
    if (now < doubtedAt) return follow(state, bounds, doubtedAt);
  }
  if (isBackingOff(state, now)) {
    // Cold and down: the first retry is near enough to be waited for, the later ones are not.
    const isNear = state.retryAt - now <= FIRST_RETRY && state.retryAt < lastStart;
    return isNear && state.failures === 1
      ? { act: "wait", until: state.retryAt }
      : refuse(state.retryAt);
  }
  if (state.lastFailure > arrivedAfter && state.failures > 1) return refuse(state.retryAt);
  return refresh(current === "unasked" ? "stale" : "cold", bounds, now);
}

function decideUnknownKid(
  state: RefreshState,
  bounds: RefreshBounds,
  { arrivedAfter, arrivedAt }: Waiting,
  now: number,
): Decision {
  const cooledAt = isDuring(state.unknownKidAt, bounds.cooldown, now)
    ? state.unknownKidAt + bounds.cooldown
    : now;
  const startAt = isBackingOff(state, now) ? Math.max(cooledAt, state.retryAt) : cooledAt;
  const deadline = arrivedAt + bounds.cooldown + bounds.timeout;
  // A failed refresh proves nothing, and neither does a wait that would never end.
  if (state.lastFailure > arrivedAfter || now >= deadline) return refuse(startAt);
  if (isInFlight(state, bounds, now)) return follow(state, bounds, deadline);
  // What starts later than that is not waited for, or not in full.
  const lastStart = arrivedAt + bounds.cooldown;
  if (startAt <= now) return refresh("unknown_kid", bounds, Math.min(now, lastStart));
  return startAt > lastStart ? refuse(startAt) : { act: "wait", until: startAt };
}

/**
 * The longest that a lookup may wait: for the start of a refresh, then for its answer. Cold, it may also
 * wait out a first failure.
 */
export function longestWait({ cooldown, timeout }: RefreshBounds): number {
  return Math.max(cooldown, timeout + GRACE + FIRST_RETRY) + timeout + GRACE;
}

function follow(state: RefreshState, bounds: RefreshBounds, deadline: number): Decision {
  return {
    act: "follow",
    until: Math.min(deadline, (state.inFlightSince ?? 0) + bounds.timeout + GRACE),
  };
}

function refresh(cause: Cause, bounds: RefreshBounds, now: number): Decision {
  return { act: "refresh", cause, until: now + bounds.timeout + GRACE };
}

function refuse(retryAt: number, cause?: Cause): Decision {
  return { act: "refuse", retryAt, cause };
}
