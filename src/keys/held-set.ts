import { bare, readClock, tell } from "../caller-mistakes.ts";
import { asKeySetError, causeCode, KeySetError, printable } from "../errors.ts";
import { within } from "../http/bounded-fetch.ts";
import { member } from "../own.ts";
import type { PosternEvent, RefreshCause } from "./events.ts";
import type { FetchedKeySet } from "./fetch-key-set.ts";
import type { VerificationKey } from "./jwk.ts";
import { type ImportedKey, importKeys, KeyRing, readJwkSet } from "./jwk-set.ts";
import type { KeyLookup } from "./key-set.ts";
import { type Decision, decide, type Waiting } from "./lookup-policy.ts";
import {
  begin,
  EMPTY,
  fail,
  isBackingOff,
  isCold,
  isInFlight,
  isOvertaken,
  mayRecheck,
  type RefreshState,
  type Standing,
  standing,
  succeed,
} from "./refresh-policy.ts";
import type { SettledOptions } from "./remote-options.ts";

/** One refresh under way. */
interface Refresh {
  readonly number: number;
  readonly startedAt: number;
  /** Whether any set helps, even one from a store: then no validator is sent. */
  readonly cold: boolean;
  readonly etag: string | undefined;
}

/**
 * The set that is held, and the refreshes that replace it: the one owner of its state. What may be done
 * when is the policy's; who waits is the lookup's.
 *
 * A store answers like a fetcher, and can only be told from one by what it brings: a set that left its
 * origin before the refresh began (`fetchedAt`). Only a cold refresh may be answered so.
 */
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
    return readClock(this.options.now);
  }

  /** The time after some work: a clock that was set back meanwhile, or broke, does not move. */
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

  decide(waiting: Waiting, time: number): Decision {
    return decide(this.state, this.options.bounds, waiting, time);
  }

  isInFlight(time: number): boolean {
    return isInFlight(this.state, this.options.bounds, time);
  }

  /** Starts a refresh behind, when one is due and may start. */
  revalidate(current: Standing, time: number, lookup: KeyLookup): void {
    const { inFlightSince, newest } = this.state;
    if (inFlightSince !== undefined && !this.isInFlight(time)) {
      // It died with its request. Were that no failure, it would be tried again without end.
      const died = new KeySetError("fetch_timeout", { url: this.shownUrl });
      this.giveUp(died, { number: newest, startedAt: inFlightSince });
    }
    if (current !== "stale" || this.isInFlight(time) || isBackingOff(this.state, time)) return;
    this.start("stale", time, lookup);
  }

  /** Starts a refresh behind after a signature that no key verified, when one may start. */
  recheck(lookup: KeyLookup): void {
    const time = this.clock();
    if (mayRecheck(this.state, this.options.bounds, time)) this.start("signature", time, lookup);
  }

  start(cause: RefreshCause, time: number, lookup: KeyLookup): void {
    this.state = begin(this.state, cause, time);
    this.emit({ type: "refresh_started", cause });
    // A caller that asks for the origin's answer is not content with a stored one.
    const cold = cause !== "asked" && isCold(this.state, this.options.bounds, time);
    const etag = cold ? undefined : this.etag;
    const flight = this.run({ number: this.state.newest, startedAt: time, cold, etag });
    this.flight = flight;
    // A runtime that cannot keep a refresh alive is no reason to refuse a token.
    if (member(lookup, "waitUntil") !== undefined) tell(() => lookup.waitUntil?.(flight));
  }

  /** One refresh, with one time limit. It never rejects. */
  async run(refresh: Refresh): Promise<void> {
    const { url, shownUrl } = this;
    const { bounds, fetcher } = this.options;
    const { cold, etag } = refresh;
    try {
      const context = { url, Family: KeySetError, signal: undefined };
      const answer = await within(bounds.timeout, context, (signal) =>
        fetcher({ url, etag, cold, signal }),
      );
      const fetched: FetchedKeySet = bare(Object(answer));
      this.install(fetched, await this.keysOf(fetched, etag), refresh);
    } catch (error) {
      this.giveUp(asKeySetError(error, shownUrl), refresh);
    }
  }

  /** The keys of an answer, imported; those held when the answer says that they still stand. */
  async keysOf(
    fetched: FetchedKeySet,
    etag: string | undefined,
  ): Promise<readonly ImportedKey[] | undefined> {
    if (fetched.notModified === true) {
      // It speaks of the set whose validator was sent, and that one may be held no longer.
      if (etag === undefined || etag !== this.etag) throw this.malformed();
      return undefined;
    }
    const read = readJwkSet(fetched.jwks);
    if (read === undefined) throw this.malformed();
    let cause: unknown;
    const skip = (entry: { kid: string | undefined; reason: string; cause?: unknown }): void => {
      cause = entry.cause;
      this.emit({ type: "key_skipped", kid: entry.kid, reason: entry.reason });
    };
    read.skipped.forEach(skip);
    const keys = await importKeys(read.usable, this.ring.keys, skip);
    if (keys.length === 0) throw new KeySetError("no_usable_keys", { url: this.shownUrl, cause });
    return keys;
  }

  install(
    fetched: FetchedKeySet,
    brought: readonly ImportedKey[] | undefined,
    { number, startedAt, cold, etag }: Refresh,
  ): void {
    const { state, ring } = this;
    const time = this.clockAfter(startedAt);
    const { maxAge, maxAgeLimit } = this.options;
    const { fetchedAt = startedAt } = fetched.notModified === true ? {} : fetched;
    const isOld = fetchedAt < startedAt;
    // Refuse a set of unknown age or of the future; accept an older set only when cold.
    const isNews = !isOld || cold || fetchedAt > (state.fetchedAt ?? 0);
    if (!Number.isFinite(fetchedAt) || fetchedAt > time || !isNews) throw this.malformed();
    const success = {
      refresh: number,
      fetchedAt,
      isStored: isOld && cold,
      maxAge: clampAge(fetched.maxAgeSeconds, maxAgeLimit) ?? maxAge,
      random: Math.random(),
    };
    this.state = succeed(state, success, time);
    if (isOvertaken(state, success)) return;
    const keys = brought ?? ring.keys;
    this.ring = new KeyRing(keys);
    this.etag = fetched.notModified === true ? etag : fetched.etag;
    this.lastError = undefined;
    const durationSeconds = (time - startedAt) / 1000;
    const notModified = brought === undefined;
    this.emit({ type: "refresh_succeeded", durationSeconds, notModified, keys: keys.length });
    this.report("key_added", keys, ring.keys);
    this.report("key_withdrawn", ring.keys, keys);
  }

  giveUp(error: KeySetError, { number, startedAt }: Pick<Refresh, "number" | "startedAt">): void {
    const time = this.clockAfter(startedAt);
    const { code, upstreamStatus, retryAfterSeconds }: KeySetError = bare(error);
    if (number > this.state.lastSuccess) this.lastError = error;
    const failure = { refresh: number, retryAfterSeconds, random: Math.random() };
    this.state = fail(this.state, failure, time);
    this.emit({
      type: "refresh_failed",
      durationSeconds: (time - startedAt) / 1000,
      code,
      upstreamStatus,
      causeCode: causeCode(error.cause),
      retryAfterSeconds: Math.max(0, this.state.retryAt - time) / 1000,
    });
  }

  /** The error for a caller that cannot be answered. */
  refusal(retryAt: number, time: number, isAnswered: boolean): KeySetError {
    const { lastError, shownUrl: url } = this;
    const retryAfterSeconds = Math.max(1, Math.ceil((retryAt - time) / 1000));
    const facts = { url, upstreamStatus: lastError?.upstreamStatus, retryAfterSeconds };
    // A caller that waited for a refresh gets its error; the others get `backing_off`.
    return isAnswered && lastError !== undefined
      ? new KeySetError(lastError.code, { ...facts, cause: lastError.cause })
      : new KeySetError("backing_off", { ...facts, cause: lastError });
  }

  emit(event: WithoutUrl<PosternEvent>): void {
    this.options.emit({ ...event, url: this.shownUrl } as PosternEvent);
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

/** At least a minute, at most the limit, whatever the response asks for. */
function clampAge(seconds: number | undefined, limitMs: number): number | undefined {
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(limitMs, Math.max(60_000, (seconds as number) * 1000));
}

type WithoutUrl<E> = E extends unknown ? Omit<E, "url"> : never;
