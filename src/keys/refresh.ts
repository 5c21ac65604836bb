import { KeySetError } from "../errors.ts";
import { within } from "../http/deadline.ts";
import { bare } from "../own.ts";
import type { FetchedKeySet, KeySetFetcher, KeySetRequest } from "./fetch-key-set.ts";
import { type ImportedKey, importKeys, readJwkSet, type SkippedEntry } from "./key-set.ts";

/** What one refresh brought. */
export interface Refreshed {
  /** `undefined` when the set held still stands. */
  readonly keys: readonly ImportedKey[] | undefined;
  readonly etag: string | undefined;
  /** How long it may be called fresh, in ms; `undefined` when the response does not say. */
  readonly maxAge: number | undefined;
  /** When the set left its origin, if that was before this refresh; ms since the epoch. */
  readonly fetchedAt: number | undefined;
}

/**
 * One refresh: fetched within its time, read, imported. The answer is replaced as a whole, but an
 * entry of the same material keeps its CryptoKey.
 *
 * @throws {KeySetError} (rejects) and nothing else
 */
export async function refreshKeys(
  fetcher: KeySetFetcher,
  request: Omit<KeySetRequest, "signal">,
  timeoutMs: number,
  held: readonly ImportedKey[],
  maxAgeLimitMs: number,
  onSkipped: (entry: SkippedEntry) => void,
): Promise<Refreshed> {
  const { url, etag } = request;
  const context = { url, Failure: KeySetError, signal: undefined };
  const answer = await within(timeoutMs, context, (signal) => fetcher({ ...request, signal }));
  const fetched: FetchedKeySet = bare(Object(answer));
  const maxAge = clampAge(fetched.maxAgeSeconds, maxAgeLimitMs);
  if (fetched.notModified === true) {
    // Nothing was held to compare with: this answers another question.
    if (etag === undefined) throw new KeySetError("jwks_malformed", { url });
    return { keys: undefined, etag, maxAge, fetchedAt: undefined };
  }
  const read = readJwkSet(fetched.jwks);
  if (read === undefined) throw new KeySetError("jwks_malformed", { url });
  for (const entry of read.skipped) onSkipped(entry);
  const { fetchedAt } = fetched;
  // A set of unknown age must not pass for a new one.
  if (fetchedAt !== undefined && !Number.isFinite(fetchedAt)) {
    throw new KeySetError("jwks_malformed", { url });
  }
  let cause: unknown;
  const keys = await importKeys(read.usable, held, (entry) => {
    cause = entry.cause;
    onSkipped(entry);
  });
  if (keys.length === 0) throw new KeySetError("no_usable_keys", { url, cause });
  return { keys, etag: fetched.etag, maxAge, fetchedAt };
}

/** At least a minute, at most the limit, whatever the response asks for. */
function clampAge(seconds: number | undefined, limitMs: number): number | undefined {
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(limitMs, Math.max(60_000, (seconds as number) * 1000));
}
