/**
 * Shared stores, from which new instances read the key set.
 *
 * @module postern/stores
 */

export { type CacheLike, cacheApi } from "./cache-api.ts";
export { fileStore } from "./file.ts";
export { memoryStore } from "./memory.ts";
export { type IoredisLike, ioredis, type NodeRedisLike, nodeRedis } from "./redis.ts";
export type { KeySetStore, StoreWrite } from "./store.ts";
export type { StoreOptions } from "./store-options.ts";
export { type UnstorageLike, unstorage } from "./unstorage.ts";
export { withStore } from "./with-store.ts";
export { type KvNamespaceLike, workersKv } from "./workers-kv.ts";
