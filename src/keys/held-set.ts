import { mistake } from "../caller-mistakes.ts";
import { asKeySetError, KeySetError, printable } from "../errors.ts";
import { bare, member } from "../own.ts";
import type { PosternEvent, RefreshCause } from "./events.ts";
import { type KeyLookup, KeyRing, type VerificationKey } from "./key-set.ts";
import { type Refreshed, refreshKeys } from "./refresh.ts";
import {
  EMPTY,
  failed,
  isBackingOff,
  isCold,
  isInFlight,
  isOvertaken,
  type RefreshState,
  type Standing,
  standing,
  started,
  succeeded,
} from "./refresh-policy.ts";
import type { SettledOptions } from "./remote-options.ts";

/** The set that is held, and the refreshes that replace it. It decides nothing about anyone's wait. */
export class HeldSet {
  readonly url: string;
  /** Without query and fragment, for errors and events. */
  readonly shownUrl: string;
  readonly options: SettledOptions;
  state: RefreshState = EMPTY;
  ring: KeyRing = new KeyRing([]);
  etag: string | undefined;
  lastError: KeySetError | undefined;
  /** Resolves when the newest refresh has ended, well or ill. */
  flight: Promise<void> | undefined;

  constructor(url: string, options: SettledOptions) {
    this.url = url;
    this.shownUrl = url.replace(/[?#].*/s, "");
    this.options = options;
  }

  clock(): number {
    const time = this.options.now();
    if (!Number.isFinite(time)) throw mistake("now()", "a finite number", time);
    return time;
  }

  /** The time after some work: a clock that was set back meanwhile, or broke, stands still. */
  clockAfter(time: number): number {
    try {
      const later = this.options.now();
      // biome-ignore lint/complexity/useMathMinMax: Math.max would hand a NaN on
      return later > time ? later : time;
    } catch {
      return time;
    }
  }

  standing(time: number): Standing {
    return standing(this.state, this.options.bounds, time);
  }

  start(cause: RefreshCause, time: number, lookup: KeyLookup): void {
    this.state = started(this.state, cause === "unknown_kid", time);
    this.emit({ type: "refresh_started", cause });
    // Whoever asks for the origin's answer is not content with a stored one.
    const cold = cause !== "asked" && isCold(this.state, this.options.bounds, time);
    this.flight = this.refreshFrom(time, this.state.started, cold);
    try {
      if (member(lookup, "waitUntil")) lookup.waitUntil?.(this.flight);
    } catch {
      // A runtime that cannot keep a refresh alive is no reason to refuse a token.
    }
  }

  /** Starts a refresh behind, when one is due and may start. */
  revalidate(current: Standing, time: number, lookup: KeyLookup): void {
    const { inFlightSince, started: refresh } = this.state;
    const isUnderWay = isInFlight(this.state, this.options.bounds, time);
    if (inFlightSince !== undefined && !isUnderWay) {
      // It died with its request. Were that no failure, it would be tried again without end.
      this.giveUp(new KeySetError("fetch_timeout", { url: this.shownUrl }), inFlightSince, refresh);
    }
    if (current !== "stale" || isUnderWay || isBackingOff(this.state, time)) return;
    this.start("stale", time, lookup);
  }

  /** What to tell whoever cannot be answered. */
  refusal(retryAt: number, time: number, isAnswered: boolean): KeySetError {
    const { lastError, shownUrl: url } = this;
    const retryAfterSeconds = Math.max(1, Math.ceil((retryAt - time) / 1000));
    const facts = { url, upstreamStatus: lastError?.upstreamStatus, retryAfterSeconds };
    // Whoever waited for a refresh is told how that one failed; whoever could not, that he could not.
    return isAnswered && lastError !== undefined
      ? new KeySetError(lastError.code, { ...facts, cause: lastError.cause })
      : new KeySetError("backing_off", { ...facts, cause: lastError });
  }

  emit(event: WithoutUrl<PosternEvent>): void {
    this.options.emit({ ...event, url: this.shownUrl } as PosternEvent);
  }

  async refreshFrom(startedAt: number, refresh: number, cold: boolean): Promise<void> {
    const { bounds, fetcher } = this.options;
    const request = { url: this.url, etag: cold ? undefined : this.etag, cold };
    try {
      const { keys } = this.ring;
      const brought = await refreshKeys(fetcher, request, bounds.timeout, keys, (entry) =>
        this.emit({ type: "key_skipped", ...entry }),
      );
      // A 304 speaks of the set whose validator was sent, and that one may be held no longer.
      if (brought.keys === undefined && request.etag !== this.etag) throw this.malformed();
      this.install(brought, cold, startedAt, refresh);
    } catch (error) {
      this.giveUp(asKeySetError(error, this.shownUrl), startedAt, refresh);
    }
  }

  install(brought: Refreshed, cold: boolean, startedAt: number, refresh: number): void {
    const { state, ring: held } = this;
    const time = this.clockAfter(startedAt);
    const { keys = held.keys, fetchedAt = startedAt, maxAge = this.options.maxAge } = brought;
    const isOld = fetchedAt < startedAt;
    // Nothing comes from the future, and whoever was not asked for a stored set brings none older.
    const isNews = !isOld || cold || fetchedAt > (state.fetchedAt ?? 0);
    if (fetchedAt > time || !isNews) throw this.malformed();
    const random = Math.random();
    const success = { refresh, fetchedAt, isStored: isOld && cold, maxAge, random };
    this.state = succeeded(state, success, time);
    if (isOvertaken(state, success)) return;
    this.ring = new KeyRing(keys);
    this.etag = brought.etag;
    this.lastError = undefined;
    this.emit({
      type: "refresh_succeeded",
      durationSeconds: (time - startedAt) / 1000,
      notModified: brought.keys === undefined,
      keys: keys.length,
    });
    this.report("key_added", keys, held.keys);
    this.report("key_withdrawn", held.keys, keys);
  }

  giveUp(error: KeySetError, startedAt: number, refresh: number): void {
    const time = this.clockAfter(startedAt);
    const { code, upstreamStatus, retryAfterSeconds }: KeySetError = bare(error);
    if (refresh > this.state.succeeded) this.lastError = error;
    const failure = { refresh, retryAfterSeconds, random: Math.random() };
    this.state = failed(this.state, failure, time);
    this.emit({
      type: "refresh_failed",
      durationSeconds: (time - startedAt) / 1000,
      code,
      upstreamStatus,
      retryAfterSeconds: Math.max(0, this.state.retryAt - time) / 1000,
    });
  }

  malformed(): KeySetError {
    return new KeySetError("jwks_malformed", { url: this.shownUrl });
  }

  report(
    type: "key_added" | "key_withdrawn",
    keys: readonly VerificationKey[],
    others: readonly VerificationKey[],
  ): void {
    for (const key of keys) {
      if (!others.includes(key)) this.emit({ type, kid: printable(key.kid) });
    }
  }
}

type WithoutUrl<E> = E extends unknown ? Omit<E, "url"> : never;
