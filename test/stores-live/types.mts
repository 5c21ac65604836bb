// Type-checked only: the adapters accept the real packages' objects, without a cast.
import type { Cache, CacheStorage, KVNamespace } from "@cloudflare/workers-types";
import { Redis } from "ioredis";
import { createRemoteKeySet, createVerifier } from "postern";
import {
  cacheApi,
  ioredis,
  type KeySetStore,
  nodeRedis,
  unstorage,
  withStore,
  workersKv,
} from "postern/stores";
import { createClient, createCluster } from "redis";
import { createStorage, prefixStorage } from "unstorage";

declare const namespace: KVNamespace;
declare const typedNamespace: KVNamespace<"one" | string>;
declare const workersCaches: CacheStorage & { default: Cache };
declare const nodeCache: globalThis.Cache;

export const stores: KeySetStore[] = [
  workersKv(namespace),
  workersKv(typedNamespace),
  cacheApi(workersCaches.default),
  cacheApi(await workersCaches.open("keys")),
  cacheApi(nodeCache),
  nodeRedis(createClient({ url: "redis://127.0.0.1" })),
  nodeRedis(await createClient().connect()),
  nodeRedis(createCluster({ rootNodes: [] })),
  ioredis(new Redis()),
  ioredis(new Redis.Cluster([])),
  unstorage(createStorage()),
  unstorage(createStorage<string>()),
  unstorage(prefixStorage(createStorage(), "keys")),
];

for (const store of stores) {
  const fetcher = withStore(store, { secret: "a secret that all instances share" });
  createRemoteKeySet("https://issuer.example/jwks", { fetcher });
  createVerifier({ team: "acme", audience: "tag", remote: { fetcher } });
}
