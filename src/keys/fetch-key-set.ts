import { type JsonObject, parseJsonObject } from "../encoding/json.ts";
import { KeySetError } from "../errors.ts";
import { boundedFetch, type ExchangeBounds } from "../http/bounded-fetch.ts";
import { readRetryAfter } from "../http/retry-after.ts";
import { own } from "../own.ts";

/** What a fetcher is asked for. */
export interface KeySetRequest {
  url: string;
  /** The validator of the set held, when there is one (RFC 9110 section 8.8.3). */
  etag?: string | undefined;
  /** Whether no trusted set is held, so that any answer helps, even a stored one. */
  cold: boolean;
  signal: AbortSignal;
}

/** What a fetcher brings, in an object's own members or its class's: a JWK set, or the news that the one held is still valid. */
export type FetchedKeySet =
  | {
      /** As it came: the caller checks it. */
      jwks: unknown;
      etag?: string | undefined;
      /** How long the response may be called fresh; `undefined` when it does not say. */
      maxAgeSeconds?: number | undefined;
      /**
       * When a stored set left its origin, in ms since the epoch; for answers to `cold` alone. A fetcher
       * that is asked for the newest set and brings none newer than the one held has failed.
       */
      fetchedAt?: number | undefined;
      notModified?: undefined;
    }
  | { notModified: true; maxAgeSeconds?: number | undefined };

/**
 * Brings a key set, however it likes.
 *
 * @throws {KeySetError} (rejects) with a code of its own; anything else becomes `fetch_failed`
 */
export type KeySetFetcher = (request: KeySetRequest) => Promise<FetchedKeySet>;

/** One bounded GET of a JWK set over HTTP. */
export async function fetchKeySet(
  { url, etag, signal }: KeySetRequest,
  bounds: Omit<ExchangeBounds, "signal">,
): Promise<FetchedKeySet> {
  // A validator is only held where it was readable: a browser then needs no preflight for nothing.
  const validators: Record<string, string> = etag === undefined ? {} : { "if-none-match": etag };
  const { json, status, read } = await fetchJson(url, validators, { ...bounds, signal });
  const maxAgeSeconds = readMaxAge(read("cache-control"), read("age"));
  if (status === 304) return { notModified: true, maxAgeSeconds };
  return { jwks: json, etag: read("etag"), maxAgeSeconds };
}

/** A JSON object by a bounded GET, or a 304 to a validator of ours. */
export async function fetchJson(
  url: string,
  validators: Record<string, string>,
  bounds: ExchangeBounds,
): Promise<JsonResponse> {
  // RFC 7517 section 8.5 has a type of its own; an endpoint that serves it may refuse the other one.
  const headers = { accept: "application/jwk-set+json, application/json", ...validators };
  const { status, text, headers: answered } = await boundedFetch(url, headers, bounds, KeySetError);
  const read = (name: string): string | undefined => answered.get(name) ?? undefined;
  if (status === 304 && own(validators, "if-none-match") !== undefined)
    return { json: undefined, status, read };
  if (status !== 200) {
    const retryAfterSeconds = readRetryAfter(answered);
    throw new KeySetError("http_status", { url, upstreamStatus: status, retryAfterSeconds });
  }
  const json = parseJsonObject(text);
  if (json === undefined) throw new KeySetError("not_json", { url, upstreamStatus: status });
  return { json, status, read };
}

/** What {@link fetchJson} brings. */
export interface JsonResponse {
  readonly json: JsonObject | undefined;
  readonly status: number;
  readonly read: (header: string) => string | undefined;
}

/** How long a response is fresh (RFC 9111 section 4.2): max-age less Age; 0 when it must not be kept. */
export function readMaxAge(
  cacheControl: string | undefined,
  age: string | undefined,
): number | undefined {
  if (cacheControl === undefined) return undefined;
  if (/(?:^|,)\s*no-(?:store|cache)\s*(?:[,=]|$)/i.test(cacheControl)) return 0;
  const [, maxAge] = /(?:^|,)\s*max-age\s*=\s*"?(\d+)/i.exec(cacheControl) ?? [];
  if (maxAge === undefined) return undefined;
  return Math.max(0, Number(maxAge) - (/^\d+$/.test(age ?? "") ? Number(age) : 0));
}
