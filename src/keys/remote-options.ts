import { functionOptions, numberOption, readOptions } from "../caller-mistakes.ts";
import type { ExchangeBounds, FetchLike } from "../http/bounded-fetch.ts";
import { type EventListener, quietly } from "./events.ts";
import { fetchKeySet, type KeySetFetcher } from "./fetch-key-set.ts";
import type { RefreshBounds } from "./refresh-policy.ts";

/** How a remote key set is fetched, kept and dropped. Durations are seconds. */
export interface RemoteKeySetOptions {
  /** Supplies the set in another way than HTTP. */
  fetcher?: KeySetFetcher | undefined;
  /** Replaces the `fetch` function. @defaultValue the global `fetch` */
  fetch?: FetchLike | undefined;
  /** The longest that one refresh may take, even if `fetch` ignores its signal. Up to 300. @defaultValue 5 */
  timeoutSeconds?: number | undefined;
  /** The largest body, enforced while it streams. @defaultValue 262144 */
  maxBytes?: number | undefined;
  /** How long a set is fresh when the response does not say. Up to a day. @defaultValue 600 */
  maxAgeSeconds?: number | undefined;
  /** The longest that a response can make a set fresh. Up to a day. @defaultValue 3600 */
  maxAgeLimitSeconds?: number | undefined;
  /** How long a stale set is used while a refresh runs in the background (RFC 5861 section 3). @defaultValue 600 */
  staleWhileRevalidateSeconds?: number | undefined;
  /** How long a stale set is trusted while refreshes fail (RFC 5861 section 4). @defaultValue 86400 */
  staleIfErrorSeconds?: number | undefined;
  /** The shortest time between two refreshes for an unknown kid. Up to 3,600. @defaultValue 10 */
  cooldownSeconds?: number | undefined;
  /** How many verifications may wait for a refresh; further ones are refused. @defaultValue 1024 */
  maxParked?: number | undefined;
  /** The clock, in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: (() => number) | undefined;
  onEvent?: EventListener | undefined;
}

/** The options, checked and copied once. */
export interface SettledOptions {
  readonly bounds: RefreshBounds;
  /** Freshness when the response names none, in ms. */
  readonly maxAge: number;
  /** The longest freshness that a response may ask for, in ms. */
  readonly maxAgeLimit: number;
  readonly fetcher: KeySetFetcher;
  /** For one exchange over HTTP. */
  readonly fetchBounds: Omit<ExchangeBounds, "signal">;
  readonly now: () => number;
  readonly emit: EventListener;
}

/** Every option by name. */
export const REMOTE_OPTIONS: readonly (keyof RemoteKeySetOptions)[] = [
  "fetch",
  "fetcher",
  "timeoutSeconds",
  "maxBytes",
  "maxAgeSeconds",
  "maxAgeLimitSeconds",
  "staleWhileRevalidateSeconds",
  "staleIfErrorSeconds",
  "cooldownSeconds",
  "maxParked",
  "now",
  "onEvent",
];

const DAY = 86_400;
const YEAR = 366 * DAY;

/**
 * Checks and copies the options of a remote key set.
 *
 * @throws {TypeError | RangeError} in one sentence
 */
export function settleOptions(given: RemoteKeySetOptions): SettledOptions {
  const options = readOptions<RemoteKeySetOptions>(given, REMOTE_OPTIONS);
  functionOptions(options, ["fetch", "fetcher", "now", "onEvent"]);
  const number = (name: keyof RemoteKeySetOptions, fallback: number, most: number, least = 0) =>
    numberOption(name, options[name] === undefined ? fallback : options[name], [least, most]);
  const { fetch, fetcher, now = Date.now, onEvent }: RemoteKeySetOptions = options;
  const timeoutMs = number("timeoutSeconds", 5, 300, 0.001) * 1000;
  const fetchBounds = { fetch, maxBytes: number("maxBytes", 262_144, 2 ** 30, 1) };
  return {
    bounds: {
      staleWhileRevalidate: number("staleWhileRevalidateSeconds", 600, YEAR) * 1000,
      staleIfError: number("staleIfErrorSeconds", DAY, YEAR) * 1000,
      cooldown: number("cooldownSeconds", 10, 3600) * 1000,
      timeout: timeoutMs,
      maxParked: number("maxParked", 1024, 2 ** 20),
    },
    maxAge: number("maxAgeSeconds", 600, DAY) * 1000,
    maxAgeLimit: number("maxAgeLimitSeconds", 3600, DAY, 1) * 1000,
    fetcher: fetcher ?? ((request) => fetchKeySet(request, fetchBounds)),
    fetchBounds,
    now,
    emit: quietly(onEvent),
  };
}
