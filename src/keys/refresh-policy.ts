/**
 * When a remote key set may be used, when it must be asked for again, and who waits: pure functions
 * of a state, an event and the time. "Stale" and "stale if error" are those of RFC 5861. All times
 * are ms since the epoch, all durations ms.
 */

import type { RefreshCause } from "./events.ts";

/** The bounds that an operator chooses. */
export interface RefreshBounds {
  /** How long past its freshness a set verifies without anyone waiting. */
  readonly staleWhileRevalidate: number;
  /** How long past its freshness the last good set is trusted while refreshes fail. */
  readonly staleIfError: number;
  /** The least time between the starts of two refreshes caused by an unknown kid. */
  readonly cooldown: number;
  /** The most that one refresh may take. */
  readonly timeout: number;
  /** How many lookups may wait. */
  readonly maxParked: number;
}

/** All that is remembered between two events. */
export interface RefreshState {
  /** When the set held left its origin; `undefined` before there is one. */
  readonly fetchedAt: number | undefined;
  readonly freshUntil: number;
  /** The number of the newest refresh: how many were started. */
  readonly newest: number;
  /** The number of the newest refresh that the origin itself answered with a set. */
  readonly lastSuccess: number;
  /** The number of the newest refresh that failed. */
  readonly lastFailure: number;
  /** When the newest refresh under way began; `undefined` when none is. */
  readonly inFlightSince: number | undefined;
  /** When an origin last answered, well or ill. */
  readonly askedAt: number;
  /** Whether a store had its say since: asking it again would bring the same. */
  readonly storeAsked: boolean;
  /** When an unknown kid last started a refresh. */
  readonly unknownKidAt: number;
  /** When a signature that no key verified last started a refresh. */
  readonly signatureAt: number;
  /** Failures since the last success, and until when they forbid another try. */
  readonly failures: number;
  readonly retryAt: number;
}

export const EMPTY: RefreshState = {
  fetchedAt: undefined,
  freshUntil: 0,
  newest: 0,
  lastSuccess: 0,
  lastFailure: 0,
  inFlightSince: undefined,
  askedAt: Number.NEGATIVE_INFINITY,
  storeAsked: false,
  unknownKidAt: Number.NEGATIVE_INFINITY,
  signatureAt: Number.NEGATIVE_INFINITY,
  failures: 0,
  retryAt: 0,
};

const MAX_BACKOFF = 60_000;
const MAX_RETRY_AFTER = 300_000;
/** The least time between the starts of two refreshes caused by a signature that no key verified. */
const SIGNATURE_INTERVAL = 60_000;
/** The longest that a cold caller waits out a first failure. */
const FIRST_RETRY = 1_000;
/** How long nobody doubts a leader on whom he depends. */
const PATIENCE = 1_500;
/** How much later than its timeout a refresh may be told of, so that timers need not agree. */
export const GRACE = 100;
/** How much older than the set a token's `iat` must be for its key to be withdrawn, not new. */
const ISSUED_BEFORE = 120_000;

/**
 * What the set held is good for: `fresh` and `stale` verify at once, the latter with a refresh
 * behind; `unasked` is trusted only if the origin, asked first, does not answer; `none` not at all.
 */
export type Standing = "fresh" | "stale" | "unasked" | "none";

export function standing(state: RefreshState, bounds: RefreshBounds, now: number): Standing {
  const { fetchedAt, freshUntil } = state;
  // A set from the future was fetched before the clock was set back: its age cannot be known.
  if (fetchedAt === undefined || !(fetchedAt <= now)) return "none";
  if (now < freshUntil) return "fresh";
  if (!(now < freshUntil + bounds.staleIfError)) return "none";
  if (now < freshUntil + bounds.staleWhileRevalidate) return "stale";
  // In use or refused by the origin: someone asked lately, so that nobody has to wait for an answer.
  const asked = isDuring(state.askedAt, bounds.staleWhileRevalidate, now);
  return asked || isBackingOff(state, now) ? "stale" : "unasked";
}

/** Whether a set of that standing verifies at once. */
export function isTrusted(current: Standing): boolean {
  return current === "fresh" || current === "stale";
}

/** Whether any set is better than what is held, even one from a store. */
export function isCold(state: RefreshState, bounds: RefreshBounds, now: number): boolean {
  return standing(state, bounds, now) === "none" && !state.storeAsked;
}

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

export type Decision =
  /** Answer with what the set holds: the keys found, or their proven absence. */
  | { readonly act: "answer" }
  /** Start a refresh and wait for it. */
  | {
      readonly act: "refresh";
      readonly cause: "cold" | "stale" | "unknown_kid";
      readonly until: number;
    }
  /** Wait for the refresh under way, but not past this time: its leader may have gone. */
  | { readonly act: "follow"; readonly until: number }
  /** Wait for the next permitted refresh. */
  | { readonly act: "wait"; readonly until: number }
  /** Say that it cannot be told, and when to try again. */
  | { readonly act: "refuse"; readonly retryAt: number };

/** What a lookup that found no key at once is to do now; asked again after every wait. */
export function decide(
  state: RefreshState,
  bounds: RefreshBounds,
  waiting: Waiting,
  now: number,
): Decision {
  const current = standing(state, bounds, now);
  const { arrivedAfter, arrivedAt, issuedAt } = waiting;
  // Whoever saw the origin answer is answered, even where nothing is ever trusted for long.
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
  // One leads, and so many follow.
  if (waiting.others > bounds.maxParked) return refuse(Math.max(now, state.retryAt));
  if (isInFlight(state, bounds, now)) {
    // Where a promise dies with its request, only waiting in vain shows that the leader is gone.
    // After a failure an endpoint that hangs is likelier, and every follower would add a fetch to it.
    const patience =
      state.failures > 0 ? bounds.timeout + GRACE : Math.min(PATIENCE, bounds.timeout);
    const doubtedAt = (state.inFlightSince ?? 0) + patience;
    if (now < doubtedAt) return follow(state, bounds, doubtedAt);
  }
  if (isBackingOff(state, now)) {
    // Cold and down: the first retry is near enough to be waited for, the later ones are not.
    const isNear = state.failures === 1 && state.retryAt - now <= FIRST_RETRY;
    return isNear ? { act: "wait", until: state.retryAt } : refuse(state.retryAt);
  }
  if (state.lastFailure > arrivedAfter && state.failures > 1) return refuse(state.retryAt);
  return refresh(current === "unasked" ? "stale" : "cold", bounds, now);
}

function decideUnknownKid(
  state: RefreshState,
  bounds: RefreshBounds,
  { arrivedAfter, arrivedAt, others }: Waiting,
  now: number,
): Decision {
  const cooledAt = isDuring(state.unknownKidAt, bounds.cooldown, now)
    ? state.unknownKidAt + bounds.cooldown
    : now;
  const startAt = isBackingOff(state, now) ? Math.max(cooledAt, state.retryAt) : cooledAt;
  const deadline = arrivedAt + bounds.cooldown + bounds.timeout;
  // A failed refresh proves nothing, and neither does a wait that would never end.
  const isOver = state.lastFailure > arrivedAfter || now >= deadline;
  if (isOver || startAt - now > bounds.cooldown || others >= bounds.maxParked) {
    return refuse(startAt);
  }
  if (isInFlight(state, bounds, now)) return follow(state, bounds, deadline);
  return startAt > now ? { act: "wait", until: startAt } : refresh("unknown_kid", bounds, now);
}

/** A refresh begins. */
export function begin(state: RefreshState, cause: RefreshCause, now: number): RefreshState {
  return {
    ...state,
    newest: state.newest + 1,
    inFlightSince: now,
    unknownKidAt: cause === "unknown_kid" ? now : state.unknownKidAt,
    signatureAt: cause === "signature" ? now : state.signatureAt,
  };
}

/**
 * Whether a signature that no key verified may start a refresh: the issuer may have replaced a key under
 * the same kid. Not for a forgery each time, so at most once a minute.
 */
export function mayRecheck(state: RefreshState, bounds: RefreshBounds, now: number): boolean {
  const isLately = isDuring(state.signatureAt, SIGNATURE_INTERVAL, now);
  return !isLately && !isInFlight(state, bounds, now) && !isBackingOff(state, now);
}

/**
 * The longest that a lookup may wait: for the start of a refresh, then for its answer. Cold, it may also
 * wait out a first failure.
 */
export function longestWait({ cooldown, timeout }: RefreshBounds): number {
  return Math.max(cooldown, timeout + GRACE + FIRST_RETRY) + timeout + GRACE;
}

/** A refresh brought a set, or word that the set held still stands. */
export interface Success {
  /** The number of the refresh. */
  readonly refresh: number;
  /** When the set left its origin. */
  readonly fetchedAt: number;
  /** How long it is fresh from then on. */
  readonly maxAge: number;
  /** Whether a store answered: only a cold refresh may be answered so. */
  readonly isStored: boolean;
  /** From 0 to 1: instances that started together must not refresh together. */
  readonly random: number;
}

export function succeed(state: RefreshState, success: Success, now: number): RefreshState {
  const { refresh, fetchedAt, maxAge, isStored, random } = success;
  const next = { ...ended(state, refresh), storeAsked: isStored };
  if (isOvertaken(state, success)) return next;
  const freshUntil = fetchedAt + maxAge * (1 - 0.1 * random);
  const held = { ...next, fetchedAt };
  return isStored
    ? // However fresh it was when it was stored, a store's set is revalidated at once.
      { ...held, freshUntil: Math.min(freshUntil, now) }
    : { ...held, freshUntil, lastSuccess: refresh, askedAt: now, failures: 0, retryAt: 0 };
}

/** Whether what is held is newer than what a refresh brought: answers can overtake each other. */
export function isOvertaken(
  state: RefreshState,
  { refresh, fetchedAt, isStored }: Pick<Success, "refresh" | "fetchedAt" | "isStored">,
): boolean {
  return refresh < state.lastSuccess || (isStored && fetchedAt <= (state.fetchedAt ?? 0));
}

/** A refresh failed. */
export interface Failure {
  readonly refresh: number;
  /** How long the endpoint asks to be left alone. */
  readonly retryAfterSeconds: number | undefined;
  /** From 0 to 1: instances that failed together must not try again together. */
  readonly random: number;
}

/** A refresh brought nothing: the nth wait is between half and all of 2ⁿ⁻¹ seconds, at most 60. */
export function fail(
  state: RefreshState,
  { refresh, retryAfterSeconds = 0, random }: Failure,
  now: number,
): RefreshState {
  // The origin has answered since: nothing is wrong with it.
  if (refresh < state.lastSuccess) return state;
  const failures = state.failures + 1;
  const backoff = Math.min(MAX_BACKOFF, 1000 * 2 ** (failures - 1)) * (1 - random / 2);
  const isAsked = Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0;
  const asked = isAsked ? retryAfterSeconds * 1000 : 0;
  const wait = Math.max(backoff, Math.min(asked, MAX_RETRY_AFTER));
  return {
    ...ended(state, refresh),
    lastFailure: Math.max(state.lastFailure, refresh),
    askedAt: now,
    storeAsked: false,
    failures,
    retryAt: now + wait,
  };
}

/** Whether a refresh is under way that can still end: past its timeout, its leader is gone. */
export function isInFlight(state: RefreshState, bounds: RefreshBounds, now: number): boolean {
  const { inFlightSince } = state;
  return inFlightSince !== undefined && isDuring(inFlightSince, bounds.timeout + GRACE, now);
}

/** Whether failures forbid a refresh; a time further off than any wait is of another clock. */
export function isBackingOff(state: RefreshState, now: number): boolean {
  return now < state.retryAt && state.retryAt <= now + MAX_RETRY_AFTER;
}

/** Whether `now` is less than `span` after `start`; not so when `start` is in the future. */
function isDuring(start: number, span: number, now: number): boolean {
  return start <= now && now < start + span;
}

/** The newest refresh ends its flight; an older one that is late leaves it flying. */
function ended(state: RefreshState, refresh: number): RefreshState {
  return refresh === state.newest ? { ...state, inFlightSince: undefined } : state;
}

function follow(state: RefreshState, bounds: RefreshBounds, deadline: number): Decision {
  return {
    act: "follow",
    until: Math.min(deadline, (state.inFlightSince ?? 0) + bounds.timeout + GRACE),
  };
}

function refresh(
  cause: "cold" | "stale" | "unknown_kid",
  bounds: RefreshBounds,
  now: number,
): Decision {
  return { act: "refresh", cause, until: now + bounds.timeout + GRACE };
}

function refuse(retryAt: number): Decision {
  return { act: "refuse", retryAt };
}
