import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  cacheApi,
  ioredis,
  type KeySetStore,
  memoryStore,
  nodeRedis,
  unstorage,
  withStore,
  workersKv,
} from "../../src/stores/index.ts";
import { polluted } from "../support/polluted.ts";
import { ask, kidsOf, makePair, Origin, type Pair } from "./support.ts";

let pair: Pair;

beforeAll(async () => {
  pair = await makePair("first");
});

/** The effect of the compare-and-set script, without a Redis. */
function compareAndSet(
  texts: Map<string, string>,
  [key = "", text = "", , previous]: (string | undefined)[],
): number {
  if (texts.get(key) !== previous) return 0;
  texts.set(key, text);
  return 1;
}

const stores: [name: string, make: (asked: unknown[]) => KeySetStore, asked: RegExp][] = [
  [
    "Workers KV",
    (asked) => {
      const texts = new Map<string, string>();
      return workersKv({
        get: async (key) => texts.get(key) ?? null,
        put: async (key, value, options) => {
          asked.push(options);
          texts.set(key, value);
        },
      });
    },
    /"expirationTtl":90000/,
  ],
  [
    "the Cache API",
    (asked) => {
      const responses = new Map<string, Response>();
      return cacheApi({
        match: async (url) => responses.get(url)?.clone(),
        put: async (url, response: Response) => {
          asked.push(url, Object.fromEntries(response.headers));
          responses.set(url, response);
        },
      });
    },
    /https:\/\/postern\.invalid\/postern%3A[\w-]{43}".*"max-age=90000","content-type":"text\/plain"/,
  ],
  [
    "node-redis",
    (asked) => {
      const texts = new Map<string, string>();
      return nodeRedis({
        get: async (key) => texts.get(key) ?? null,
        eval: async (_script, options) => {
          asked.push(options);
          return compareAndSet(texts, [...options.keys, ...options.arguments]);
        },
      });
    },
    /"90000"/,
  ],
  [
    "ioredis",
    (asked) => {
      const texts = new Map<string, string>();
      return ioredis({
        get: async (key) => texts.get(key) ?? null,
        eval: async (_script, numberOfKeys, ...rest) => {
          asked.push(numberOfKeys, rest);
          return compareAndSet(texts, rest);
        },
      });
    },
    /^\[1,.*"90000"/,
  ],
  [
    "unstorage",
    (asked) => {
      const texts = new Map<string, string>();
      return unstorage({
        getItem: async (key) => texts.get(key) ?? null,
        setItem: async (key, value, options) => {
          asked.push(options);
          texts.set(key, value);
        },
      });
    },
    /"ttl":90000/,
  ],
  ["memory", () => memoryStore(), /^\[\]$/],
];

describe.each(stores)("%s", (_name, make, expected) => {
  it("passes one instance's set to the next, and keeps it no longer than it is valid", async () => {
    const asked: unknown[] = [];
    const store = make(asked);
    const origin = new Origin(() => ({ jwks: { keys: [pair.jwk] } }));
    const secret = "correct horse battery staple";

    await withStore(store, origin.fetcher, { secret })(ask(true));
    const fetched = await withStore(store, origin.fetcher, { secret })(ask(true));

    expect(kidsOf(fetched)).toEqual(["first"]);
    expect(origin.requests).toHaveLength(1);
    expect(JSON.stringify(asked)).toMatch(expected);
  });

  it("writes again over its earlier text", async () => {
    let time = Date.UTC(2030, 0, 1);
    const store = make([]);
    const origin = new Origin(() => ({ jwks: { keys: [pair.jwk] } }));
    const fetcher = withStore(store, origin.fetcher, { now: () => time, key: "k" });
    await fetcher(ask(false));
    const before = await store.get("k");
    time += 600_000;
    await fetcher(ask(false));
    expect(await store.get("k")).not.toBe(before);
    expect(await store.get("k")).toContain(`"fetchedAt":${time}`);
  });
});

describe("Redis", () => {
  const write = { ttlSeconds: 60, previous: undefined };
  // As a server without scripts would read it: it compares with the third argument, then sets.
  const SCRIPT =
    /^\nif redis\.call\('GET', KEYS\[1\]\) ~= \(ARGV\[3\] or false\) then return 0 end\nredis\.call\('SET', KEYS\[1\], ARGV\[1\], 'EX', ARGV\[2\]\)\nreturn 1$/;

  it("gets a script that compares before it sets, and no argument for a missing text", async () => {
    const run = vi.fn(async (..._given: unknown[]) => 1);
    const client = { get: async () => null, eval: run };
    await nodeRedis(client).set("k", "text", write);
    await nodeRedis(client).set("k", "text", { ...write, previous: "before" });
    await ioredis(client).set("k", "text", write);
    const script = expect.stringMatching(SCRIPT);
    expect(run.mock.calls).toEqual([
      [script, { keys: ["k"], arguments: ["text", "60"] }],
      [script, { keys: ["k"], arguments: ["text", "60", "before"] }],
      [script, 1, "k", "text", "60"],
    ]);
  });
});

describe("memory", () => {
  it("says whether it wrote", () => {
    const store = memoryStore();
    const set = (previous?: string) => store.set("k", "text", { ttlSeconds: 60, previous });
    expect([set("other"), set(), set(), set("text")]).toEqual([false, true, false, true]);
  });
});

describe("an adapter", () => {
  it("refuses a missing binding at once, by its name", () => {
    const missing = undefined as never;
    expect(() => workersKv(missing)).toThrow(
      "namespace must be a Workers KV namespace, got undefined",
    );
    expect(() => cacheApi(missing)).toThrow("cache must be an opened Cache, got undefined");
    expect(() => cacheApi(Promise.resolve() as never)).toThrow(TypeError);
    expect(() => nodeRedis(missing)).toThrow("client must be a node-redis client, got undefined");
    expect(() => ioredis(missing)).toThrow("client must be an ioredis client, got undefined");
    expect(() => unstorage(missing)).toThrow("storage must be an unstorage Storage, got undefined");
  });

  it("reports a lost race, however the client spells an integer", async () => {
    for (const [lost, won] of [
      [0, 1],
      [0n, 1n],
      ["0", "1"],
    ]) {
      const answers = [lost, won];
      const store = nodeRedis({ get: async () => null, eval: async () => answers.shift() });
      const write = { ttlSeconds: 60, previous: undefined };
      expect(await store.set("k", "text", write)).toBe(false);
      expect(await store.set("k", "text", write)).toBe(true);
    }
  });

  it("refuses a client whose methods are only on Object.prototype", async () => {
    const members = { get: () => null, put: () => {}, eval: () => {}, match: () => {} };
    const storage = { getItem: () => null, setItem: () => {}, set: () => {} };
    const all = [workersKv, cacheApi, nodeRedis, ioredis, unstorage, withStore];
    const thrown = await polluted({ ...members, ...storage }, () =>
      all.map((make) => {
        try {
          return make({} as never);
        } catch (error) {
          return error;
        }
      }),
    );
    for (const error of thrown) expect(error).toBeInstanceOf(TypeError);
  });

  it("accepts a client that inherits its methods, or is behind a proxy", async () => {
    class Namespace {
      readonly texts = new Map([["k", "text"]]);
      async get(key: string): Promise<string | null> {
        return this.texts.get(key) ?? null;
      }
      async put(): Promise<void> {}
    }
    class Instrumented extends Namespace {}
    // As development servers pass bindings of another process: no member is own or inherited.
    const target = new Instrumented();
    const remote = new Proxy({} as Namespace, {
      get: (_target, name) => (name === "get" ? target.get.bind(target) : target.put),
      getPrototypeOf: () => null,
    });
    for (const namespace of [new Namespace(), target, remote]) {
      expect(await workersKv(namespace).get("k")).toBe("text");
    }
  });
});
