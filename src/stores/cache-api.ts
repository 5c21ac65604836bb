import type { ResponseLike } from "../http/bounded-fetch.ts";
import { type KeySetStore, requireMethods } from "./store.ts";

/** The part of a `Cache` that is used. */
export interface CacheLike {
  match(url: string): Promise<Pick<ResponseLike, "text"> | undefined>;
  put(url: string, response: never): Promise<unknown>;
}

/**
 * A store in the Cache API: `caches.default` on Cloudflare Workers, `await caches.open("…")` elsewhere. On
 * Workers it is shared within one data centre and works only on custom domains. It cannot compare before it
 * writes.
 *
 * @param cache an opened cache
 * @throws {TypeError} when it is not an opened cache, for example a promise of one
 * @see https://developers.cloudflare.com/workers/runtime-apis/cache/
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from "postern";
 * import { type CacheLike, cacheApi, withStore } from "postern/stores";
 *
 * declare const caches: { default: CacheLike };
 *
 * const fetcher = withStore(cacheApi(caches.default), { secret: "32 random bytes, as a secret" });
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher });
 * ```
 */
export function cacheApi(cache: CacheLike): KeySetStore {
  requireMethods("cache", "an opened Cache", cache, ["match", "put"]);
  // Cache keys must be URLs. This one is never fetched (RFC 2606 section 2).
  const urlOf = (key: string): string => `https://postern.invalid/${encodeURIComponent(key)}`;
  return {
    async get(key) {
      return (await cache.match(urlOf(key)))?.text();
    },
    set(key, text, { ttlSeconds }) {
      const headers = { "content-type": "text/plain", "cache-control": `max-age=${ttlSeconds}` };
      return cache.put(urlOf(key), new Response(text, { headers }) as never);
    },
  };
}
