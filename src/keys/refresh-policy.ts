/**
 * When a remote key set may be used, and when it must be asked for again: pure functions of a state, an
 * event and the time. "Stale" and "stale if error" are those of RFC 5861. All times
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
  /** How many lookups may wait; the others are refused, and start what is due all the same. */
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
/** How much later than its timeout a refresh may be reported, because timers differ. */
export const GRACE = 100;

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
  // In use or refused by the origin: it was asked lately, so no lookup has to wait for an answer.
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

/** A refresh brought a set, or the news that the set held is still valid. */
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
  // Of two refreshes at once, the first to fail may have been asked for the longer wait.
  const before = isBackingOff(state, now) ? state.retryAt : now;
  return {
    ...ended(state, refresh),
    lastFailure: Math.max(state.lastFailure, refresh),
    askedAt: now,
    storeAsked: false,
    failures,
    retryAt: Math.max(before, now + wait),
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
export function isDuring(start: number, span: number, now: number): boolean {
  return start <= now && now < start + span;
}

/** The newest refresh ends its flight; an older one that is late leaves it flying. */
function ended(state: RefreshState, refresh: number): RefreshState {
  return refresh === state.newest ? { ...state, inFlightSince: undefined } : state;
}
