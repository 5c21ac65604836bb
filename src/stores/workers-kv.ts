import { type KeySetStore, requireMethods } from "./store.ts";

/** The part of a Workers KV namespace that is used. */
export interface KvNamespaceLike {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { expirationTtl: number }): Promise<unknown>;
}

/**
 * A store in Cloudflare Workers KV. It is eventually consistent and cannot compare before it writes. So a
 * set may be about a minute old when it is read, and an older write may replace a newer one. Both are
 * harmless, because every set from a store is immediately revalidated in the background.
 *
 * @param namespace a KV binding
 * @throws {TypeError} when it is not a KV namespace, for example because the binding is not configured
 * @see https://developers.cloudflare.com/kv/
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
export function workersKv(namespace: KvNamespaceLike): KeySetStore {
  requireMethods("namespace", "a Workers KV namespace", namespace, ["get", "put"]);
  return {
    get: (key) => namespace.get(key),
    set: (key, text, { ttlSeconds }) => namespace.put(key, text, { expirationTtl: ttlSeconds }),
  };
}
