import { bare } from "../caller-mistakes.ts";
import { KeySetError, printable } from "../errors.ts";
import { pause } from "../http/pause.ts";
import { secureUrl } from "../http/secure-url.ts";
import { own } from "../own.ts";
import { HeldSet } from "./held-set.ts";
import type { VerificationKey } from "./jwk.ts";
import type { KeyLookup, KeySet, LookupHeader } from "./key-set.ts";
import { longestWait } from "./lookup-policy.ts";
import { GRACE, isBackingOff, isDuring, isTrusted, type Standing } from "./refresh-policy.ts";
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
  /** Verifications that wait for keys. */
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
  const held = new HeldSet(secureUrl("url", url).href, settleOptions(options));
  const { bounds } = held.options;
  // Since when each lookup waits: on Workers one that died with its request never leaves.
  const places = new Set<{ readonly arrivedAt: number }>();

  function parked(time: number): number {
    for (const place of places) {
      if (isDuring(place.arrivedAt, longestWait(bounds), time)) break;
      places.delete(place);
    }
    return places.size;
  }

  function known(header: LookupHeader, lookup: KeyLookup = {}): readonly VerificationKey[] {
    const time = held.clock();
    const current = held.standing(time);
    held.revalidate(current, time, lookup);
    return isTrusted(current) ? held.ring.select(header) : [];
  }

  /** A lookup that may wait. It keeps the kid and the time of the token, and nothing else of it. */
  async function waitFor(
    kid: string | undefined,
    lookup: KeyLookup,
  ): Promise<readonly VerificationKey[]> {
    const { issuedAt, signal } = lookup;
    const { newest: arrivedAfter, lastFailure: failedBefore } = held.state;
    const arrivedAt = held.clock();
    let time = arrivedAt;
    let place: { readonly arrivedAt: number } | undefined;
    try {
      for (;;) {
        const keys = held.ring.select({ kid });
        const current = held.standing(time);
        const others = place === undefined ? parked(time) : 0;
        const waiting = { found: keys.length > 0, arrivedAfter, arrivedAt, issuedAt, others };
        const decision = held.decide(waiting, time);
        if (decision.act === "answer") {
          held.revalidate(current, time, lookup);
          if (keys.length === 0) refused("key_not_found", kid);
          return keys;
        }
        if (decision.act === "refuse") {
          if (decision.cause !== undefined && signal?.aborted !== true) {
            held.start(decision.cause, time, lookup);
          }
          // Without a trusted set it is not the kid that is refused.
          if (isTrusted(current)) refused("backing_off", kid);
          throw held.refusal(decision.retryAt, time, held.state.lastFailure > failedBefore);
        }
        if (place === undefined) {
          place = { arrivedAt };
          places.add(place);
          if (isTrusted(current)) held.emit({ type: "kid_parked", kid: printable(kid) });
        }
        if (decision.act === "refresh" && signal?.aborted !== true) {
          held.start(decision.cause, time, lookup);
        }
        const { until } = decision;
        const awaited = decision.act === "wait" ? undefined : held.flight;
        const ended = await pause(until - time, awaited, signal);
        if (ended === "aborted") {
          throw new KeySetError("fetch_failed", { url: held.shownUrl, cause: signal?.reason });
        }
        time = held.clockAfter(ended === "over" ? until : time);
      }
    } finally {
      if (place !== undefined) places.delete(place);
    }
  }

  function refused(code: "key_not_found" | "backing_off", kid: string | undefined): void {
    held.emit({ type: "kid_refused", kid: printable(kid), code });
  }

  return {
    find: (header, lookup = {}) => waitFor(own(header, "kid") as string | undefined, bare(lookup)),
    known,
    async prefetch(lookup = {}) {
      await waitFor(undefined, bare(lookup));
    },
    revalidate(lookup = {}) {
      held.recheck(bare(lookup));
    },
    async refresh() {
      for (;;) {
        const time = held.clock();
        if (!held.isInFlight(time)) {
          if (isBackingOff(held.state, time)) throw held.refusal(held.state.retryAt, time, false);
          held.start("asked", time, {});
        }
        const { newest: mine } = held.state;
        const isOver = (await pause(bounds.timeout + GRACE, held.flight)) === "over";
        const { lastSuccess, lastFailure } = held.state;
        // Another refresh may have answered in its place, or failed after it: refreshes can overtake each other.
        if (lastSuccess >= mine) return;
        if (isOver || lastFailure >= mine) {
          throw held.refusal(held.state.retryAt, held.clockAfter(time), !isOver);
        }
        // It joined a refresh that a store answered: the origin is still to be asked.
      }
    },
    get state() {
      const time = held.clock();
      const { state } = held;
      const isHeld = state.fetchedAt !== undefined;
      return {
        standing: held.standing(time),
        kids: held.ring.keys.map(({ kid }) => printable(kid)),
        fetchedAt: state.fetchedAt,
        freshUntilAt: isHeld ? state.freshUntil : undefined,
        trustedUntilAt: isHeld ? state.freshUntil + bounds.staleIfError : undefined,
        failures: state.failures,
        retryAt: isBackingOff(state, time) ? state.retryAt : undefined,
        lastError: held.lastError,
        parked: parked(time),
      };
    },
  };
}
