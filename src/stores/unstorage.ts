import { type KeySetStore, requireMethods } from "./store.ts";

/** The part of an unstorage `Storage` that is used. */
export interface UnstorageLike {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: string, options: { ttl: number }): Promise<unknown>;
}

/**
 * A store in unstorage, with any driver. It cannot compare before it writes. A driver without expiry never
 * deletes a set, but a set that is too old is ignored.
 *
 * @param storage the result of `createStorage()`
 * @throws {TypeError} when it is not an unstorage `Storage`
 * @see https://unstorage.unjs.io
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from "postern";
 * import { type UnstorageLike, unstorage, withStore } from "postern/stores";
 *
 * declare const storage: UnstorageLike; // createStorage({ driver })
 *
 * const fetcher = withStore(unstorage(storage), { secret: "32 random bytes, as a secret" });
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher });
 * ```
 */
export function unstorage(storage: UnstorageLike): KeySetStore {
  requireMethods("storage", "an unstorage Storage", storage, ["getItem", "setItem"]);
  return {
    get: (key) => storage.getItem(key),
    set: (key, text, { ttlSeconds }) => storage.setItem(key, text, { ttl: ttlSeconds }),
  };
}
