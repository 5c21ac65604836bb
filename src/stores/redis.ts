import { type KeySetStore, requireMethods } from "./store.ts";

/** The part of a node-redis client (the package `redis`, 4 or later) that is used. */
export interface NodeRedisLike {
  get(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The part of an ioredis client that is used. */
export interface IoredisLike {
  get(key: string): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Writes only over what was read: a script runs alone, so no other write can come in between. */
const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= (ARGV[3] or false) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1`;

/**
 * Redis through node-redis (the package `redis`, 4 or later). A write compares and sets in one
 * script, so that an older set never overwrites a newer one. Its user needs GET, SET and EVAL.
 *
 * @param client a connected client
 * @throws {TypeError} when it is none
 * @see https://redis.io/docs/latest/commands/eval/
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from "postern";
 * import { type NodeRedisLike, nodeRedis, withStore } from "postern/stores";
 *
 * declare const client: NodeRedisLike; // await createClient({ url }).connect()
 *
 * const fetcher = withStore(nodeRedis(client), { secret: "32 random bytes, as a secret" });
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher });
 * ```
 */
export function nodeRedis(client: NodeRedisLike): KeySetStore {
  return redis("a node-redis client", client, (key, values) =>
    client.eval(COMPARE_AND_SET, { keys: [key], arguments: values }),
  );
}

/**
 * Redis through ioredis. A write compares and sets in one script, so that an older set never
 * overwrites a newer one. Its user needs GET, SET and EVAL.
 *
 * @param client a client, connected or not yet
 * @throws {TypeError} when it is none
 * @see https://redis.io/docs/latest/commands/eval/
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from "postern";
 * import { type IoredisLike, ioredis, withStore } from "postern/stores";
 *
 * declare const client: IoredisLike; // new Redis(url)
 *
 * const fetcher = withStore(ioredis(client), { secret: "32 random bytes, as a secret" });
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher });
 * ```
 */
export function ioredis(client: IoredisLike): KeySetStore {
  return redis("an ioredis client", client, (key, values) =>
    client.eval(COMPARE_AND_SET, 1, key, ...values),
  );
}

function redis(
  expected: string,
  client: { get(key: string): Promise<unknown> },
  compareAndSet: (key: string, values: string[]) => Promise<unknown>,
): KeySetStore {
  requireMethods("client", expected, client, ["get", "eval"]);
  return {
    get: (key) => client.get(key),
    async set(key, text, { ttlSeconds, previous }) {
      const values = [text, String(ttlSeconds)];
      if (previous !== undefined) values.push(previous);
      // Some clients are configured to answer integers as bigint or string.
      return Number(await compareAndSet(key, values)) === 1;
    },
  };
}
