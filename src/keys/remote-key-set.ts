import { mistake } from "../caller-mistakes.ts";
import { asKeySetError, KeySetError, printable } from "../errors.ts";
import { pause } from "../http/deadline.ts";
import { secureUrl } from "../http/secure-url.ts";
import type { RefreshCause } from "./events.ts";
import {
  type KeyLookup,
  KeyRing,
  type KeySet,
  type LookupHeader,
  type VerificationKey,
} from "./key-set.ts";
import { type Refreshed, refreshKeys } from "./refresh.ts";
import {
  decide,
  EMPTY,
  failed,
  isBackingOff,
  isCold,
  isInFlight,
  isOvertaken,
  isTrusted,
  type Standing,
  standing,
  started,
  succeeded,
} from "./refresh-policy.ts";
import { type RemoteKeySetOptions, settleOptions } from "./remote-options.ts";

/** What a health check wants to know of a remote key set. `…At` fields are ms since the epoch. */
export interface KeySetState {
  /** `fresh` and `stale` verify at once; `unasked` once the origin was asked; `none` not at all. */
  readonly standing: Standing;
  readonly kids: readonly (string | undefined)[];
  /** When the set held left its origin. */
  readonly fetchedAt: number | undefined;
  readonly freshUntilAt: number | undefined;
  /** Until when the set is trusted while refreshes fail. */
  readonly trustedUntilAt: number | undefined;
  /** Failed refreshes since the last good one. */
  readonly failures: number;
  /** Until when failures forbid another refresh. */
  readonly retryAt: number | undefined;
  readonly lastError: KeySetError | undefined;
  /** Verifications that wait under an unknown kid. */
  readonly parked: number;
}

/** A key set at a URL. Nothing to close: it has no timer when it is idle. */
export interface RemoteKeySet extends KeySet {
  known(header: LookupHeader, lookup?: KeyLookup): readonly VerificationKey[];
  /** Resolves when there are usable keys; rejects with a {@link KeySetError}. */
  prefetch(lookup?: KeyLookup): Promise<void>;
  /** Asks the origin now, sharing a fetch under way; rejects with a {@link KeySetError}. */
  refresh(): Promise<void>;
  readonly state: KeySetState;
}

/**
 * A JWK set at a URL (RFC 7517), fetched when it is needed and kept through rotations and outages:
 * one fetch at a time, stale while revalidating and stale if error (RFC 5861), back-off, and a
 * bounded wait for a key that was just published.
 *
 * @param url https, or http on a loopback host
 * @throws {TypeError | RangeError} for an option that is wrong, in one sentence
 *
 * @example
 * ```ts
 * import { createRemoteKeySet, createVerifier } from "postern";
 *
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { timeoutSeconds: 2 });
 * const verifier = createVerifier({ issuer: "https://issuer.example", audience: "my-api", keys });
 * await keys.prefetch();
 * ```
 */
export function createRemoteKeySet(
  url: string | URL,
  options: RemoteKeySetOptions = {},
): RemoteKeySet {
  const { href } = secureUrl("url", url);
  const shownUrl = href.replace(/[?#].*/s, "");
  const { bounds, maxAge, fetcher, now, emit } = settleOptions(options);
  let state = EMPTY;
  let ring = new KeyRing([]);
  let etag: string | undefined;
  let lastError: KeySetError | undefined;
  let flight: Promise<void> | undefined;
  let parked = 0;

  function clock(): number {
    const time = now();
    if (!Number.isFinite(time)) throw mistake("now()", "a finite number", time);
    return time;
  }

  /** The time after some work: a clock that was set back meanwhile, or broke, stands still. */
  function clockAfter(time: number): number {
    const later = now();
    // biome-ignore lint/complexity/useMathMinMax: Math.max would hand a NaN on
    return later > time ? later : time;
  }

  function start(cause: RefreshCause, time: number, lookup: KeyLookup): void {
    state = started(state, cause === "unknown_kid", time);
    emit({ type: "refresh_started", url: shownUrl, cause });
    flight = refreshFrom(time, state.started);
    try {
      lookup.waitUntil?.(flight);
    } catch {
      // A runtime that cannot keep a refresh alive is no reason to refuse a token.
    }
  }

  async function refreshFrom(startedAt: number, refresh: number): Promise<void> {
    const cold = isCold(state, bounds, startedAt);
    const request = { url: href, etag: cold ? undefined : etag, cold };
    try {
      const brought = await refreshKeys(fetcher, request, bounds.timeout, ring.keys, (entry) =>
        emit({ type: "key_skipped", url: shownUrl, ...entry }),
      );
      // A 304 speaks of the set whose validator was sent, and that one may be held no longer.
      if (brought.keys === undefined && request.etag !== etag) throw malformed();
      install(brought, cold, startedAt, refresh);
    } catch (error) {
      giveUp(asKeySetError(error, shownUrl), startedAt, refresh);
    }
  }

  function malformed(): KeySetError {
    return new KeySetError("jwks_malformed", { url: shownUrl });
  }

  function install(brought: Refreshed, cold: boolean, startedAt: number, refresh: number): void {
    const time = clockAfter(startedAt);
    const { keys = ring.keys, fetchedAt = startedAt, maxAge: itsMaxAge = maxAge } = brought;
    const isOld = fetchedAt < startedAt;
    // Nothing comes from the future, and whoever was not asked for a stored set brings none older.
    const isNews = !isOld || cold || fetchedAt > (state.fetchedAt ?? 0);
    if (fetchedAt > time || !isNews) throw malformed();
    const isStored = isOld && cold;
    const random = Math.random();
    const success = { refresh, fetchedAt, isStored, maxAge: itsMaxAge, random };
    const isLate = isOvertaken(state, success);
    state = succeeded(state, success, time);
    if (isLate) return;
    const held = ring.keys;
    ring = new KeyRing(keys);
    etag = brought.etag;
    lastError = undefined;
    emit({
      type: "refresh_succeeded",
      url: shownUrl,
      durationSeconds: (time - startedAt) / 1000,
      notModified: brought.keys === undefined,
      keys: keys.length,
    });
    report("key_added", keys, held);
    report("key_withdrawn", held, keys);
  }

  function report(
    type: "key_added" | "key_withdrawn",
    keys: readonly VerificationKey[],
    others: readonly VerificationKey[],
  ): void {
    for (const key of keys) {
      if (!others.includes(key)) emit({ type, url: shownUrl, kid: shown(key.kid) });
    }
  }

  function giveUp(error: KeySetError, startedAt: number, refresh: number): void {
    const time = clockAfter(startedAt);
    const { code, upstreamStatus, retryAfterSeconds } = error;
    const isNews = refresh > state.succeeded;
    state = failed(state, { refresh, retryAfterSeconds, random: Math.random() }, time);
    if (isNews) lastError = error;
    emit({
      type: "refresh_failed",
      url: shownUrl,
      durationSeconds: (time - startedAt) / 1000,
      code,
      upstreamStatus,
      retryAfterSeconds: Math.max(0, state.retryAt - time) / 1000,
    });
  }

  function refusal(retryAt: number, time: number, isAnswered: boolean): KeySetError {
    const retryAfterSeconds = Math.max(1, Math.ceil((retryAt - time) / 1000));
    const facts = { url: shownUrl, upstreamStatus: lastError?.upstreamStatus, retryAfterSeconds };
    // Whoever waited for a refresh is told how that one failed; whoever could not, that he could not.
    return isAnswered && lastError !== undefined
      ? new KeySetError(lastError.code, { ...facts, cause: lastError.cause })
      : new KeySetError("backing_off", { ...facts, cause: lastError });
  }

  /** Starts a refresh behind, when one is due and may start. */
  function revalidate(current: Standing, time: number, lookup: KeyLookup): void {
    const { inFlightSince, started: refresh } = state;
    if (inFlightSince !== undefined && !isInFlight(state, bounds, time)) {
      // It died with its request. Were that no failure, it would be tried again without end.
      giveUp(new KeySetError("fetch_timeout", { url: shownUrl }), inFlightSince, refresh);
    }
    if (current !== "stale" || isInFlight(state, bounds, time) || isBackingOff(state, time)) return;
    start("stale", time, lookup);
  }

  function known(header: LookupHeader, lookup: KeyLookup = {}): readonly VerificationKey[] {
    const time = clock();
    const current = standing(state, bounds, time);
    revalidate(current, time, lookup);
    return isTrusted(current) ? ring.select(header.kid) : [];
  }

  async function find(
    { kid }: Pick<LookupHeader, "kid">,
    lookup: KeyLookup = {},
  ): Promise<readonly VerificationKey[]> {
    const { issuedAt, signal } = lookup;
    const arrivedAfter = state.started;
    const failedBefore = state.failed;
    const arrivedAt = clock();
    let time = arrivedAt;
    let isParked = false;
    try {
      for (;;) {
        const keys = ring.select(kid);
        const current = standing(state, bounds, time);
        const others = isParked ? 0 : parked;
        const waiting = { found: keys.length > 0, arrivedAfter, arrivedAt, issuedAt, others };
        const decision = decide(state, bounds, waiting, time);
        if (decision.act === "answer") {
          revalidate(current, time, lookup);
          if (keys.length === 0) refused("key_not_found", kid);
          return keys;
        }
        if (decision.act === "refuse") {
          refused("backing_off", isTrusted(current) ? kid : undefined);
          throw refusal(decision.retryAt, time, state.failed > failedBefore);
        }
        if (!isParked && isTrusted(current)) {
          isParked = true;
          parked++;
          emit({ type: "kid_parked", url: shownUrl, kid: shown(kid) });
        }
        if (decision.act === "refresh" && signal?.aborted !== true) {
          start(decision.cause, time, lookup);
        }
        const until = decision.act === "refresh" ? time + bounds.timeout : decision.until;
        const awaited = decision.act === "wait" ? undefined : flight;
        const ended = await pause(until - time, awaited, signal);
        if (ended === "aborted") {
          throw new KeySetError("fetch_failed", { url: shownUrl, cause: signal?.reason });
        }
        time = clockAfter(ended === "over" ? until : time);
      }
    } finally {
      if (isParked) parked--;
    }
  }

  function refused(code: "key_not_found" | "backing_off", kid: string | undefined): void {
    emit({ type: "kid_refused", url: shownUrl, kid: shown(kid), code });
  }

  return {
    find,
    known,
    async prefetch(lookup) {
      await find({}, lookup);
    },
    async refresh() {
      const time = clock();
      if (!isInFlight(state, bounds, time)) {
        if (isBackingOff(state, time)) throw refusal(state.retryAt, time, false);
        start("asked", time, {});
      }
      const mine = state.started;
      const isOver = (await pause(bounds.timeout, flight)) === "over";
      if (isOver || state.failed >= mine) throw refusal(state.retryAt, clockAfter(time), !isOver);
    },
    get state() {
      const time = clock();
      const isHeld = state.fetchedAt !== undefined;
      return {
        standing: standing(state, bounds, time),
        kids: ring.keys.map(({ kid }) => shown(kid)),
        fetchedAt: state.fetchedAt,
        freshUntilAt: isHeld ? state.freshUntil : undefined,
        trustedUntilAt: isHeld ? state.freshUntil + bounds.staleIfError : undefined,
        failures: state.failures,
        retryAt: isBackingOff(state, time) ? state.retryAt : undefined,
        lastError,
        parked,
      };
    },
  };
}

function shown(kid: string | undefined): string | undefined {
  return kid === undefined ? undefined : printable(kid);
}
