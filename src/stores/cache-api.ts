import type { ResponseLike } from "../http/bounded-fetch.ts";
import { type KeySetStore, requireMethods } from "./store.ts";

/** The part of a `Cache` that is used. */
export interface CacheLike {
  match(url: string): Promise<Pick<ResponseLike, "text"> | undefined>;
  put(url: string, response: never): Promise<unknown>;
}

/**
 * The Cache API: `caches.default` on Cloudflare Workers, `await caches.open("…")` elsewhere. On
 * Workers it is shared by one data centre, works on custom domains only, and cannot compare before it
 * writes.
 *
 * @param cache an opened cache
 * @throws {TypeError} when it is none, such as a promise of one
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
  // A cache knows URLs only; nothing is ever fetched from this one (RFC 2606 section 2).
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
