import { bare, mistake, tell, unlessPromise } from "../caller-mistakes.ts";
import { encodeBase64Url } from "../encoding/base64url.ts";
import { type HttpErrorCode, type KeySetErrorDetails, printable } from "../errors.ts";
import { within } from "../http/bounded-fetch.ts";
import type { FetchedKeySet, KeySetFetcher, KeySetRequest } from "../keys/fetch-key-set.ts";
import { requireSubtle } from "../keys/jwk.ts";
import { readJwkSet } from "../keys/jwk-set.ts";
import type { KeySetStore } from "./store.ts";
import { type StoreOptions, settleStoreOptions } from "./store-options.ts";
import type { StoredKey, StoredSet } from "./stored-set.ts";

/** The last keys from the origin for a URL, so that a 304 for them can be stored. */
interface Sent {
  readonly etag: string | undefined;
  readonly keys: readonly StoredKey[];
}

/** The same keys are not stored again within this time in ms, because stores limit and bill writes. */
const LATELY = 60_000;

/**
 * Creates a `fetcher` for a remote key set. It gives new instances the keys from a store that other
 * instances have filled.
 *
 * An empty key set gets its keys from the store at once, even if the origin is down, and then fetches from
 * the origin in the background. Every set from the origin is stored, unless the store has a newer one. If
 * the store is slow, broken or contains invalid data, the origin is used, and there is a `store_failed`
 * event.
 *
 * **Anyone who can write the store can issue tokens**, because its keys are trusted. Give a `secret`, so
 * that only your own instances can write valid sets. Even then, a writer can restore an older set of yours,
 * but its age still counts from when the origin sent it.
 *
 * @param store the store, such as {@link workersKv}
 * @throws {TypeError | RangeError} when an argument is wrong; the message is one sentence
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { type KvNamespaceLike, withStore, workersKv } from "postern/stores";
 *
 * declare const env: { KEYS: KvNamespaceLike; POLICY_AUD: string; STORE_SECRET: string };
 *
 * const fetcher = withStore(workersKv(env.KEYS), { secret: env.STORE_SECRET });
 * const verifier = createVerifier({ team: "acme", audience: env.POLICY_AUD, remote: { fetcher } });
 * ```
 */
export function withStore(store: KeySetStore, options?: StoreOptions): KeySetFetcher;
/**
 * The same with your own fetcher, instead of HTTP with the limits of a remote key set.
 *
 * @param store the store, such as {@link workersKv}
 * @param fetcher fetches from the origin
 * @throws {TypeError | RangeError} when an argument is wrong; the message is one sentence
 */
export function withStore(
  store: KeySetStore,
  fetcher: KeySetFetcher | undefined,
  options?: StoreOptions,
): KeySetFetcher;
export function withStore(
  store: KeySetStore,
  fetcherOrOptions?: KeySetFetcher | StoreOptions,
  options?: StoreOptions,
): KeySetFetcher {
  requireSubtle();
  const isOptions = typeof fetcherOrOptions !== "function" && fetcherOrOptions !== undefined;
  if (isOptions && options !== undefined) throw mistake("fetcher", "a function", fetcherOrOptions);
  const settled = isOptions
    ? settleStoreOptions(store, undefined, fetcherOrOptions)
    : settleStoreOptions(store, fetcherOrOptions, options === undefined ? {} : options);
  const { fetcher, form, timeoutMs, ttlSeconds, maxBytes, waitUntil, emit } = settled;
  // If `now` is async it returns no number. Then nothing is stored or read, and nothing fails.
  const now = (): number => unlessPromise(settled.now()) ?? Number.NaN;
  const sent = new Map<string, Sent>();
  let isDown = false;

  /** Runs a store operation with the time limit. Reports a failure and returns `undefined`. */
  async function attempt<T>(
    operation: "read" | "write",
    { url, signal }: { url: string; signal: AbortSignal | undefined },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const result = await within(timeoutMs, { url, signal, Family: StoreFault }, work);
      isDown = false;
      return result;
    } catch (fault) {
      isDown = true;
      return unusable(operation, (fault as StoreFault).message);
    }
  }

  function unusable(operation: "read" | "write", reason: string): undefined {
    emit({ type: "store_failed", operation, reason });
  }

  /** Reads the stored set, if it is valid and not too old. */
  async function read({ url, signal }: KeySetRequest): Promise<StoredSet | undefined> {
    return attempt("read", { url, signal }, async () => {
      const text = await store.get(await keyOf(url));
      if (text === undefined || text === null) return undefined;
      const set = await form.read(text, url, now());
      if (typeof set === "string") return unusable("read", set);
      return now() - set.fetchedAt < ttlSeconds * 1000 ? set : undefined;
    });
  }

  async function write(set: StoredSet): Promise<void> {
    const { url } = set;
    await attempt("write", { url, signal: undefined }, async (signal) => {
      const key = await keyOf(url);
      const text = await form.write(set);
      if (text.length > maxBytes) return unusable("write", "too large");
      // If another instance wrote in the meantime, try once more. After that, leave it to the others.
      for (let again = 1; again >= 0; again--) {
        const found = await store.get(key);
        const current = await form.read(found, url, now());
        // After the time limit others may have written, and a late old set must not replace theirs.
        if (signal.aborted || (typeof current !== "string" && isAsGood(current, set))) return;
        const previous = typeof found === "string" ? found : undefined;
        if ((await store.set(key, text, { ttlSeconds, previous })) !== false) return;
      }
    });
  }

  async function keyOf(url: string): Promise<string> {
    if (settled.key !== undefined) return settled.key;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url));
    return `postern:${encodeBase64Url(new Uint8Array(digest))}`;
  }

  /** Returns the set to store from an answer of the origin. */
  function worthStoring(
    { url, etag }: KeySetRequest,
    answer: FetchedKeySet,
    startedAt: number,
  ): StoredSet | undefined {
    const fetched: FetchedKeySet = bare(Object(answer));
    const maxAgeSeconds = finite(fetched.maxAgeSeconds);
    if (fetched.notModified === true) {
      const last = sent.get(url);
      if (last === undefined || etag === undefined || last.etag !== etag) return undefined;
      const set = { url, keys: last.keys, maxAgeSeconds, fetchedAt: startedAt };
      return startedAt <= now() ? set : undefined;
    }
    const keys = readJwkSet(fetched.jwks)?.usable ?? [];
    const fetchedAt = finite(fetched.fetchedAt) ?? startedAt;
    if (keys.length === 0 || !(fetchedAt <= now())) return undefined;
    sent.set(url, { etag: fetched.etag, keys });
    return { url, keys, maxAgeSeconds, fetchedAt };
  }

  return async (request) => {
    const startedAt = now();
    const stored = request.cold ? await read(request) : undefined;
    // The time is before the request, even if clocks differ, because this is not an answer of the origin.
    if (stored !== undefined) return answerOf(stored, startedAt - 1);
    const fetched = await fetcher(request);
    const set = worthStoring(request, fetched, startedAt);
    if (set === undefined) return fetched;
    const written = write(set);
    if (waitUntil !== undefined) {
      // The write continues without it.
      tell(() => waitUntil(written));
      return fetched;
    }
    // On some runtimes a write stops when its request ends, so the answer waits for it. Not if the store
    // failed the last time, or the origin was slow.
    const elapsed = now() - startedAt;
    if (!isDown && elapsed >= 0 && elapsed < 2 * timeoutMs) await written;
    return fetched;
  };
}

/** A failure of the store for an event: in a few words, without any stored data. */
class StoreFault extends Error {
  constructor(code: HttpErrorCode, { cause }: KeySetErrorDetails) {
    super(code === "fetch_timeout" ? "timed out" : `threw ${nameOf(cause)}`);
  }
}

/** Returns the code or name of an error. The message may contain a connection string. */
function nameOf(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown };
  const label = typeof code === "string" ? code : name;
  return typeof label === "string" ? printable(label) : typeof thrown;
}

function answerOf({ keys, maxAgeSeconds, fetchedAt }: StoredSet, latest: number): FetchedKeySet {
  const jwks = { keys: keys.map(({ kid, n, e }) => ({ kty: "RSA", kid, n, e })) };
  return { jwks, maxAgeSeconds, fetchedAt: Math.min(fetchedAt, latest) };
}

/** Whether the store already has a newer set, or recently got the same keys. */
function isAsGood(current: StoredSet, set: StoredSet): boolean {
  if (current.fetchedAt >= set.fetchedAt) return true;
  return set.fetchedAt - current.fetchedAt < LATELY && spell(current.keys) === spell(set.keys);
}

function spell(keys: readonly StoredKey[]): string {
  return JSON.stringify(keys.map(({ kid, n, e }) => [kid, n, e]));
}

function finite(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}
