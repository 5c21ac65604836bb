import { functionOptions, mistake, numberOption, readOptions } from "../caller-mistakes.ts";
import type { FetchLike } from "../http/bounded-fetch.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import type { KeySetFetcher } from "../keys/fetch-key-set.ts";
import { settleOptions } from "../keys/remote-options.ts";
import { hasOwn } from "../own.ts";
import { type KeySetStore, requireMethods } from "./store.ts";
import { type StoredForm, storedForm } from "./stored-set.ts";

/** How a store is used. Durations are seconds. */
export interface StoreOptions {
  /**
   * With it, what is stored is signed (HMAC-SHA-256) and anything else counts as nothing. At least 16
   * bytes, better 32 random ones, the same on every instance. **Without it, anyone who can write
   * the store can issue tokens.** A secret that is given as `undefined` is refused: a variable missing
   * from the environment must not leave the store unsigned.
   */
  secret?: string | Uint8Array;
  /** For one reading, and for one writing. Keep it to a third of the key set's own at most. 0.5 */
  timeoutSeconds?: number | undefined;
  /** How long a set is worth keeping: an older one counts as none. At least 60. 90,000 */
  ttlSeconds?: number | undefined;
  /** For what is read from the store, and for the body of the default fetcher. 262,144 */
  maxBytes?: number | undefined;
  /** The name in the store, for one URL. By default it is made from the URL's SHA-256. */
  key?: string | undefined;
  /**
   * Takes the writing off the answer's way, which otherwise waits for it (no longer than
   * `timeoutSeconds`): `waitUntil` of `cloudflare:workers`, or `() => {}` in a process that outlives
   * its requests.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Replaces the `fetch` function of the default fetcher. */
  fetch?: FetchLike | undefined;
  /** Milliseconds since the epoch; give the key set the same. `Date.now` */
  now?: (() => number) | undefined;
  /** Takes `store_failed` events. */
  onEvent?: EventListener | undefined;
}

/** The options, checked and copied once. */
export interface SettledStoreOptions {
  readonly fetcher: KeySetFetcher;
  readonly form: StoredForm;
  readonly timeoutMs: number;
  readonly ttlSeconds: number;
  readonly maxBytes: number;
  readonly key: string | undefined;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly now: () => number;
  readonly emit: EventListener;
}

const NAMES = [
  "secret",
  "timeoutSeconds",
  "ttlSeconds",
  "maxBytes",
  "key",
  "waitUntil",
  "fetch",
  "now",
  "onEvent",
] as const satisfies readonly (keyof StoreOptions)[];

const YEAR = 366 * 86_400;
/** A day of trust past an hour of freshness, the most that a key set makes of one by default. */
const WORTH_KEEPING = 90_000;

/**
 * Checks and copies what {@link withStore} was given.
 *
 * @throws {TypeError | RangeError} in one sentence
 */
export function settleStoreOptions(
  store: KeySetStore,
  fetcher: KeySetFetcher | undefined,
  given: StoreOptions,
): SettledStoreOptions {
  requireMethods("store", "a store, an object with get and set", store, ["get", "set"]);
  functionOptions({ fetcher }, ["fetcher"]);
  const options = readOptions<StoreOptions>(given, NAMES);
  functionOptions(options, ["waitUntil", "now", "onEvent"]);
  const number = (name: keyof StoreOptions, fallback: number, least: number, most: number) =>
    numberOption(name, options[name] === undefined ? fallback : options[name], [least, most]);
  const { waitUntil, fetch, now = Date.now, onEvent, key }: StoreOptions = options;
  if (key !== undefined && (typeof key !== "string" || key === "")) {
    throw mistake("key", "a non-empty string", key);
  }
  const maxBytes = number("maxBytes", 262_144, 1, 2 ** 30);
  const http = settleOptions({ fetch, maxBytes });
  return {
    fetcher: fetcher ?? http.fetcher,
    form: storedForm(secretBytes(options), maxBytes),
    timeoutMs: number("timeoutSeconds", 0.5, 0.001, 60) * 1000,
    ttlSeconds: Math.ceil(number("ttlSeconds", WORTH_KEEPING, 60, YEAR)),
    maxBytes,
    key,
    waitUntil,
    now,
    emit: quietly(onEvent),
  };
}

function secretBytes(options: StoreOptions): Uint8Array | undefined {
  // Named but missing is a mistake that would leave the store unsigned.
  if (!hasOwn(options, "secret")) return undefined;
  const secret: unknown = options.secret;
  const isText = typeof secret === "string";
  if (!isText && !(secret instanceof Uint8Array)) {
    throw mistake("secret", "a string or a Uint8Array", secret);
  }
  const bytes = isText ? new TextEncoder().encode(secret) : secret.slice();
  if (bytes.length < 16) throw new RangeError("secret must be of at least 16 bytes, got fewer");
  return bytes;
}
