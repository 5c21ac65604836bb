import { functionOptions, mistake, numberOption, readOptions } from "../caller-mistakes.ts";
import type { FetchLike } from "../http/bounded-fetch.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import type { KeySetFetcher } from "../keys/fetch-key-set.ts";
import { settleOptions } from "../keys/remote-options.ts";
import { hasOwn } from "../own.ts";
import { type KeySetStore, requireMethods } from "./store.ts";
import { type StoredForm, storedForm } from "./stored-set.ts";

/** Options of {@link withStore}. Durations are seconds. */
export interface StoreOptions {
  /**
   * Signs the stored keys with HMAC-SHA-256. A text without a valid signature is ignored. Use 32 random
   * bytes (at least 16), the same on every instance. **Without it, anyone who can write the store can issue
   * tokens.** An explicit `undefined` is an error, so that a missing variable does not leave the store
   * unsigned.
   */
  secret?: string | Uint8Array;
  /** The time limit of a read or a write. At most a third of the key set's own limit. @defaultValue 0.5 */
  timeoutSeconds?: number | undefined;
  /** How long to keep a set, at least 60. An older one is ignored. @defaultValue 90,000 */
  ttlSeconds?: number | undefined;
  /** The size limit for a stored text, and for the body of the default fetcher. @defaultValue 262,144 */
  maxBytes?: number | undefined;
  /** The key in the store, for one URL. @defaultValue a text with the SHA-256 of the URL */
  key?: string | undefined;
  /**
   * Lets a write continue after the answer. Without it, the answer waits for the write, but not longer than
   * `timeoutSeconds`. Use `waitUntil` of `cloudflare:workers`, or `() => {}` in a process that keeps running
   * after its requests.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Replaces the `fetch` function of the default fetcher. */
  fetch?: FetchLike | undefined;
  /** Returns milliseconds since the epoch. Give the key set the same function. @defaultValue `Date.now` */
  now?: (() => number) | undefined;
  /** Called with `store_failed` events. */
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
/** The longest time that a key set uses a set by default: fresh for an hour, and one more day on errors. */
const WORTH_KEEPING = 90_000;

/**
 * Checks and copies the arguments of {@link withStore}.
 *
 * @throws {TypeError | RangeError} when one is wrong; the message is one sentence
 */
export function settleStoreOptions(
  store: KeySetStore,
  fetcher: KeySetFetcher | undefined,
  given: StoreOptions,
): SettledStoreOptions {
  requireMethods("store", "a store, an object with get and set", store, ["get", "set"]);
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
  // An explicit undefined is refused below, because it would leave the store unsigned.
  if (!hasOwn(options, "secret")) return undefined;
  const secret: unknown = options.secret;
  const isText = typeof secret === "string";
  if (!isText && !(secret instanceof Uint8Array)) {
    throw mistake("secret", "a string or a Uint8Array", secret);
  }
  const bytes = isText ? new TextEncoder().encode(secret) : secret.slice();
  if (bytes.length < 16) throw new RangeError("secret must have at least 16 bytes, got fewer");
  return bytes;
}
