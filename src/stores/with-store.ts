import { bare, mistake, unlessPromise } from "../caller-mistakes.ts";
import { encodeBase64Url } from "../encoding/base64url.ts";
import { type HttpErrorCode, type KeySetErrorDetails, printable } from "../errors.ts";
import { within } from "../http/bounded-fetch.ts";
import { tell } from "../keys/events.ts";
import type { FetchedKeySet, KeySetFetcher, KeySetRequest } from "../keys/fetch-key-set.ts";
import { requireSubtle } from "../keys/jwk.ts";
import { readJwkSet } from "../keys/jwk-set.ts";
import type { KeySetStore } from "./store.ts";
import { type StoreOptions, settleStoreOptions } from "./store-options.ts";
import type { StoredKey, StoredSet } from "./stored-set.ts";

/** The keys that the origin sent last for a URL, so that a 304 for them can be stored. */
interface Sent {
  readonly etag: string | undefined;
  readonly keys: readonly StoredKey[];
}

/** The same keys stored less than this ago are not stored again: stores limit and bill writes. */
const LATELY = 60_000;

/**
 * A fetcher that starts cold instances from a store which other instances have filled: for
 * `fetcher` of a remote key set.
 *
 * A key set that holds nothing is answered from the store at once, whatever the origin does, and
 * asks the origin behind. Every set that the origin sends is stored, unless a newer one is there.
 * A store that is slow, broken or full of nonsense is no more than a miss, told by a `store_failed`
 * event.
 *
 * **Anyone who can write the store can issue tokens**: a key put there verifies. Give it a `secret`,
 * so that only your own instances can write what others read. Even then, a writer can put an older
 * set of yours back; its age runs from when it left its origin.
 *
 * @param store where, such as {@link workersKv}
 * @throws {TypeError | RangeError} for an argument that is wrong, in one sentence
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
 * The same with a fetcher of your own, in place of HTTP with the bounds of a remote key set.
 *
 * @param store where, such as {@link workersKv}
 * @param fetcher asks the origin
 * @throws {TypeError | RangeError} for an argument that is wrong, in one sentence
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
  // With a clock that is async, and so tells no time, nothing is stored or read, and nothing fails.
  const now = (): number => unlessPromise(settled.now()) ?? Number.NaN;
  const sent = new Map<string, Sent>();
  let isDown = false;

  /** What the store does within its time, else `undefined`: its failures end here. */
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

  /** The set stored, when there is one of use. */
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
      // Who finds that another wrote meanwhile looks again, once: then others are at it.
      for (let again = 1; again >= 0; again--) {
        const found = await store.get(key);
        const current = await form.read(found, url, now());
        // After the time limit others may have written: an old set must not come late.
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

  /** What is to be stored of the origin's word. */
  function worthStoring(
    { url, etag }: KeySetRequest,
    answer: FetchedKeySet,
    startedAt: number,
  ): StoredSet | undefined {
    const fetched: FetchedKeySet = bare(Object(answer));
    const maxAgeSeconds = finite(fetched.maxAgeSeconds);
    if (fetched.notModified === true) {
      const last = sent.get(url);
      const isSame = last !== undefined && etag !== undefined && last.etag === etag;
      const set = { url, keys: last?.keys ?? [], maxAgeSeconds, fetchedAt: startedAt };
      return isSame && startedAt <= now() ? set : undefined;
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
    // Before the request began, however the clocks differ: it is not the origin that speaks here.
    if (stored !== undefined) return answerOf(stored, startedAt - 1);
    const fetched = await fetcher(request);
    const set = worthStoring(request, fetched, startedAt);
    if (set === undefined) return fetched;
    const written = write(set);
    if (waitUntil !== undefined) {
      // Where it cannot be kept alive, the writing goes on as well as it can.
      tell(() => waitUntil(written));
      return fetched;
    }
    // A write dies with the request that made it, in some runtimes. So it is waited
    // for, unless the store was down the last time or the origin has used up the time.
    const elapsed = now() - startedAt;
    if (!isDown && elapsed >= 0 && elapsed < 2 * timeoutMs) await written;
    return fetched;
  };
}

/** A store's failure as an event tells it: in a few words, without anything that was stored. */
class StoreFault extends Error {
  constructor(code: HttpErrorCode, { cause }: KeySetErrorDetails) {
    super(code === "fetch_timeout" ? "timed out" : `threw ${nameOf(cause)}`);
  }
}

/** A code or a name; a message may hold a connection string. */
function nameOf(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown };
  const label = typeof code === "string" ? code : name;
  return typeof label === "string" ? printable(label) : typeof thrown;
}

function answerOf({ keys, maxAgeSeconds, fetchedAt }: StoredSet, latest: number): FetchedKeySet {
  const jwks = { keys: keys.map(({ kid, n, e }) => ({ kty: "RSA", kid, n, e })) };
  return { jwks, maxAgeSeconds, fetchedAt: Math.min(fetchedAt, latest) };
}

/** Whether writing a set would take the store back, or no further. */
function isAsGood(current: StoredSet, set: StoredSet): boolean {
  if (current.fetchedAt >= set.fetchedAt) return true;
  return set.fetchedAt - current.fetchedAt < LATELY && spell(current.keys) === spell(set.keys);
}

function spell(keys: readonly StoredKey[]): string {
  return JSON.stringify(keys.map(({ kid, n, e }) => [kid, n, e]));
}

function finite(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
