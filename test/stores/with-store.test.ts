import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { KeySetError, type PosternEvent } from "../../src/index.ts";
import { memoryStore, withStore } from "../../src/stores/index.ts";
import { polluted } from "../support/polluted.ts";
import { isWaiting, turns } from "../support/story-clock.ts";
import { unhandledIn } from "../support/unhandled.ts";
import {
  ask,
  Clock,
  kidsOf,
  makePair,
  OpenStore,
  Origin,
  type Pair,
  reasonsIn,
  URL_OF_SET,
} from "./support.ts";

let first: Pair;
let second: Pair;
let clock: Clock;
let origin: Origin;
let store: OpenStore;
let events: PosternEvent[];

beforeAll(async () => {
  [first, second] = await Promise.all([makePair("first"), makePair("second")]);
});

beforeEach(() => {
  clock = new Clock();
  origin = new Origin(() => ({ jwks: { keys: [first.jwk] }, etag: '"1"', maxAgeSeconds: 300 }));
  store = new OpenStore();
  events = [];
});

const onEvent = (event: PosternEvent): void => {
  events.push(event);
};

/** The set that one more instance would use. */
function instance(options: Parameters<typeof withStore>[2] = {}): ReturnType<typeof withStore> {
  return withStore(store, origin.fetcher, {
    now: clock.now,
    onEvent,
    timeoutSeconds: 60,
    ...options,
  });
}

describe("what is stored", () => {
  it("stores what the origin sent, and returns it unchanged", async () => {
    const fetched = await instance()(ask(true));

    expect(fetched).toMatchObject({ etag: '"1"', maxAgeSeconds: 300 });
    expect(JSON.parse(store.text.replace("postern1..", ""))).toEqual({
      url: URL_OF_SET,
      fetchedAt: clock.time,
      maxAgeSeconds: 300,
      keys: [{ ...first.jwk, alg: "RS256", use: "sig" }],
    });
    expect(store.writes).toEqual([{ ttlSeconds: 90_000, previous: undefined }]);
  });

  it("stores public members only, and no entry that would not verify", async () => {
    origin.answer = () => ({
      jwks: {
        keys: [
          { ...first.jwk, x5c: ["MIIB"], note: "private to the issuer" },
          { ...second.privateJwk, alg: "RS256" },
          { ...second.jwk, kid: "of-another-use", use: "enc" },
          { kty: "oct", kid: "secret", k: "c2VjcmV0" },
        ],
        public_cert: { cert: "…" },
      },
    });
    await instance()(ask(true));

    const { keys } = JSON.parse(store.text.replace("postern1..", ""));
    expect(keys).toEqual([{ ...first.jwk, alg: "RS256", use: "sig" }]);
  });

  it("stores nothing when no key of the origin verifies", async () => {
    for (const jwks of [undefined, "text", { keys: [] }, { keys: "none" }, { keys: [null] }]) {
      origin.answer = () => ({ jwks });
      await instance()(ask(true));
    }
    expect(store.texts.size).toBe(0);
  });

  it("stores nothing that its fetcher dates in the future", async () => {
    origin.answer = () => ({ jwks: { keys: [first.jwk] }, fetchedAt: clock.time + 1000 });
    await instance()(ask(true));
    expect(store.texts.size).toBe(0);
  });

  it("stores nothing when the origin fails, and passes its error on unchanged", async () => {
    const failure = new KeySetError("http_status", { upstreamStatus: 502 });
    origin.answer = () => Promise.reject(failure);

    await expect(instance()(ask(true))).rejects.toBe(failure);
    expect(store.texts.size).toBe(0);
    expect(events).toEqual([]);
  });

  it("updates the stored time on a 304", async () => {
    const fetcher = instance();
    await fetcher(ask(true));
    const fetchedFirst = clock.time;
    origin.answer = () => ({ notModified: true, maxAgeSeconds: 120 });

    clock.forward(600);
    expect(await fetcher(ask(false, '"1"'))).toEqual({ notModified: true, maxAgeSeconds: 120 });

    const stored = JSON.parse(store.text.replace("postern1..", ""));
    expect(stored).toMatchObject({ fetchedAt: fetchedFirst + 600_000, maxAgeSeconds: 120 });
    expect(stored.keys).toHaveLength(1);
  });

  it("stores nothing for a 304 to a validator it never returned", async () => {
    origin.answer = () => ({ notModified: true });
    await instance()(ask(false, '"of someone else"'));
    expect(store.texts.size).toBe(0);
  });

  it("stores nothing for a 304 to another validator, or to none", async () => {
    const fetcher = instance();
    await fetcher(ask(true));
    origin.answer = () => ({ notModified: true });
    clock.forward(600);
    await fetcher(ask(false, '"2"'));
    expect(store.writes).toHaveLength(1);

    const without = instance({ key: "without validator" });
    origin.answer = () => ({ jwks: { keys: [first.jwk] } });
    await without(ask(true));
    origin.answer = () => ({ notModified: true });
    clock.forward(600);
    await without(ask(false));
    expect(store.writes).toHaveLength(2);
  });

  it("stores nothing for a 304 during which the clock was set back", async () => {
    const fetcher = instance({ key: "k" });
    await fetcher(ask(true));
    clock.forward(600);
    origin.answer = () => {
      clock.forward(-1);
      return { notModified: true };
    };
    await fetcher(ask(false, '"1"'));
    // It would not wait for a write.
    await turns();
    expect(store.writes).toHaveLength(1);
  });

  it.each(["300", Number.NaN, Number.POSITIVE_INFINITY, null, {}])(
    "stores no time or age that is no finite number: %s",
    async (odd) => {
      origin.answer = () => ({
        jwks: { keys: [first.jwk] },
        maxAgeSeconds: odd as never,
        fetchedAt: odd as never,
      });
      await instance()(ask(true));
      expect(store.text).toContain(`{"url":"${URL_OF_SET}","fetchedAt":${clock.time},"keys":[`);
    },
  );

  it("does not write the same keys twice within a minute, because stores bill writes", async () => {
    await instance()(ask(true));
    clock.forward(59);
    await instance()(ask(false));
    expect(store.writes).toHaveLength(1);

    clock.forward(1);
    await instance()(ask(false));
    expect(store.writes).toHaveLength(2);
  });

  it("writes changed keys at once, also under the same kid", async () => {
    await instance()(ask(true));
    const sets = [[first.jwk, second.jwk], [first.jwk], [{ ...second.jwk, kid: "first" }]];
    for (const keys of sets) {
      origin.answer = () => ({ jwks: { keys } });
      clock.forward(1);
      await instance()(ask(false));
    }
    expect(store.writes).toHaveLength(4);
  });

  it("keeps the first of two sets of the same time", async () => {
    await instance()(ask(true));
    origin.answer = () => ({ jwks: { keys: [second.jwk] } });
    await instance()(ask(false));
    expect(store.writes).toHaveLength(1);
  });

  it("may have as many characters as maxBytes, and no more", async () => {
    await instance({ key: "k" })(ask(true));
    const { length } = store.text;
    for (const [maxBytes, count] of [
      [length - 1, 0],
      [length, 1],
    ] as const) {
      store = new OpenStore();
      await instance({ key: "k", maxBytes })(ask(true));
      expect(store.writes).toHaveLength(count);
    }
    origin.requests.length = 0;
    await instance({ key: "k", maxBytes: length })(ask(true));
    expect(origin.requests).toHaveLength(0);
    await instance({ key: "k", maxBytes: length - 1 })(ask(true));
    expect(origin.requests).toHaveLength(1);
    expect(reasonsIn(events)).toContain("read: too large");
  });

  it("keeps each URL under its own name, or under the given one", async () => {
    const fetcher = instance();
    await fetcher(ask(true));
    await fetcher({ ...ask(true), url: "https://issuer.example/other" });
    expect(store.texts.size).toBe(2);

    await instance({ key: "team keys" })(ask(true));
    expect([...store.texts.keys()]).toContain("team keys");
  });
});

describe("a cold request", () => {
  it("is answered from the store, without a validator, with the time at its origin", async () => {
    await instance()(ask(true));
    const fetchedAt = clock.time;
    clock.forward(400);

    const fetched = await instance()(ask(true));

    expect(kidsOf(fetched)).toEqual(["first"]);
    expect(fetched).toMatchObject({ fetchedAt, maxAgeSeconds: 300 });
    expect(fetched).not.toHaveProperty("etag");
    expect(origin.requests).toHaveLength(1);
  });

  it("asks the origin when it is not cold, whatever is stored", async () => {
    await instance()(ask(true));
    await instance()(ask(false));
    expect(origin.requests).toHaveLength(2);
  });

  it("ignores a set that is too old to use", async () => {
    await instance()(ask(true));
    clock.forward(90_000);
    await instance()(ask(true));
    expect(origin.requests).toHaveLength(2);
    expect(events).toEqual([]);
  });

  it("never reports a stored set as the origin's own, even if a clock is ahead", async () => {
    await instance()(ask(true));
    const fetched = await instance()(ask(true));
    expect(fetched).toMatchObject({ fetchedAt: clock.time - 1 });
  });
});

describe("a store that must not be trusted", () => {
  const cases: [name: string, spoil: () => void, reason: RegExp][] = [
    ["a truncated text", () => store.put(store.text.slice(0, -40)), /not JSON/],
    ["an empty text", () => store.put(""), /not a stored key set/],
    ["a bare JWK set", () => store.put(JSON.stringify({ keys: [first.jwk] })), /not a stored/],
    ["bytes", () => store.put(new Uint8Array(8)), /not text/],
    ["an object", () => store.put({ keys: [first.jwk] }), /not text/],
    ["a set after other text", () => store.put(`x${store.text}`), /not a stored key set/],
    ["HTML", () => store.put("<!doctype html>"), /not a stored key set/],
    ["too much", () => store.put(`postern1..{"a":"${"x".repeat(262_144)}"}`), /too large/],
    ["deep nesting", () => store.put(`postern1..{"a":${"[".repeat(200_000)}`), /not JSON/],
    [
      "the set for another URL",
      () => store.edit((document) => Object.assign(document, { url: "https://evil.example" })),
      /for another URL/,
    ],
    [
      "a time in the future",
      () => store.edit((document) => Object.assign(document, { fetchedAt: clock.time + 1 })),
      /from the future/,
    ],
    [
      "a time that is no number",
      () => store.edit((document) => Object.assign(document, { fetchedAt: "now" })),
      /without a valid time/,
    ],
    [
      "an age that is no number",
      () => store.edit((document) => Object.assign(document, { maxAgeSeconds: "long" })),
      /without a valid age/,
    ],
    [
      "no keys",
      () => store.edit((document) => Object.assign(document, { keys: [] })),
      /without keys/,
    ],
    [
      "keys that are no array",
      () => store.edit((document) => Object.assign(document, { keys: { 0: first.jwk } })),
      /without keys/,
    ],
    [
      "a private key",
      () => store.edit((document) => Object.assign(document, { keys: [first.privateJwk] })),
      /private members/,
    ],
    [
      "a key of another kind next to a good one",
      () => store.edit((document) => Object.assign(document, { keys: [first.jwk, { kty: "EC" }] })),
      /kty is not RSA/,
    ],
  ];

  it.each(cases)("counts %s as a miss and reports it", async (_name, spoil, reason) => {
    await instance()(ask(true));
    spoil();
    clock.forward(10);
    origin.answer = () => ({ jwks: { keys: [second.jwk] } });

    if (_name === "a time in the future") clock.forward(-10);
    expect(kidsOf(await instance()(ask(true)))).toEqual(["second"]);
    expect(reasonsIn(events)).toEqual([expect.stringMatching(/^read: /)]);
    expect(reasonsIn(events)[0]).toMatch(reason);
    expect(store.text).toContain('"second"');
  });

  it("ignores members that a prototype was polluted with", async () => {
    await instance()(ask(true));
    store.edit((document) => {
      delete document["fetchedAt"];
    });
    Object.defineProperty(Object.prototype, "fetchedAt", { value: 1, configurable: true });
    try {
      await instance()(ask(true));
    } finally {
      Reflect.deleteProperty(Object.prototype, "fetchedAt");
    }
    expect(reasonsIn(events)).toEqual(["read: without a valid time"]);
  });

  it("stores what its fetcher returned, and nothing from Object.prototype", async () => {
    origin.answer = () => ({ jwks: { keys: [first.jwk] } });
    const said = { notModified: true, fetchedAt: 1, maxAgeSeconds: 9, signal: AbortSignal.abort() };
    await polluted(said, () => instance()(ask(true)));
    expect(store.text).toContain(`"fetchedAt":${clock.time},"keys"`);
    expect(events).toEqual([]);
  });
});

describe("a store that fails", () => {
  it("is a miss when reading throws, at once or later, and when it takes too long", async () => {
    const failures: [() => unknown, string, timeoutSeconds?: number][] = [
      [
        () => {
          throw new TypeError("redis://user:password@host is down");
        },
        "threw TypeError",
      ],
      [
        () => Promise.reject(Object.assign(new Error(), { code: "ECONNREFUSED" })),
        "threw ECONNREFUSED",
      ],
      [() => Promise.reject("a string"), "threw string"],
      [() => Promise.reject(undefined), "threw undefined"],
      [() => new Promise(() => {}), "timed out", 0.02],
    ];
    for (const [get, reason, timeoutSeconds = 60] of failures) {
      const told: PosternEvent[] = [];
      const fetcher = withStore({ get, set: () => undefined }, origin.fetcher, {
        now: clock.now,
        onEvent: (event) => told.push(event),
        timeoutSeconds,
      });
      expect(kidsOf(await fetcher(ask(true)))).toEqual(["first"]);
      expect(reasonsIn(told)[0]).toBe(`read: ${reason}`);
      expect(JSON.stringify(told)).not.toContain("password");
    }
  });

  it("does not delay the answer when writing fails or never ends", async () => {
    const sets: [() => unknown, string, timeoutSeconds: number][] = [
      [() => Promise.reject(new RangeError("quota")), "write: threw RangeError", 60],
      [() => new Promise(() => {}), "write: timed out", 0.02],
    ];
    for (const [set, reason, timeoutSeconds] of sets) {
      events = [];
      const fetcher = withStore({ get: () => null, set }, origin.fetcher, {
        key: "k",
        now: clock.now,
        onEvent,
        timeoutSeconds,
      });
      expect(kidsOf(await fetcher(ask(true)))).toEqual(["first"]);
      expect(reasonsIn(events)).toEqual([reason]);
    }
  });

  it("is not waited for again until it has answered once", async () => {
    let isDown = true;
    const steps: string[] = [];
    const fetcher = withStore(
      {
        get: () => null,
        set: async () => {
          if (isDown) throw new Error();
          await new Promise((resolve) => setTimeout(resolve, 20));
          steps.push("written");
        },
      },
      origin.fetcher,
      { now: clock.now, timeoutSeconds: 60 },
    );
    await fetcher(ask(true));
    isDown = false;
    clock.forward(100);
    await fetcher(ask(false));
    steps.push("answered behind its back");
    await expect
      .poll(() => steps, { timeout: 20_000 })
      .toEqual(["answered behind its back", "written"]);

    clock.forward(100);
    await fetcher(ask(false));
    expect(steps.at(-1)).toBe("written");
  });

  it("is not waited for when the origin has used up the time", async () => {
    let isWritten = false;
    const fetcher = withStore(
      {
        get: () => null,
        set: async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          isWritten = true;
        },
      },
      origin.fetcher,
      { now: clock.now, timeoutSeconds: 60 },
    );
    origin.answer = () => {
      clock.forward(120);
      return { jwks: { keys: [first.jwk] } };
    };
    await fetcher(ask(true));
    expect(isWritten).toBe(false);
    await expect.poll(() => isWritten, { timeout: 20_000 }).toBe(true);
  });

  it("is not waited for when the clock was set back in the meantime", async () => {
    const set = () => new Promise(() => {});
    const options = { key: "k", now: clock.now, timeoutSeconds: 60 };
    const fetcher = withStore({ get: () => null, set }, origin.fetcher, options);
    origin.answer = () => {
      clock.forward(-1);
      return { jwks: { keys: [first.jwk] }, fetchedAt: clock.time };
    };
    expect(await isWaiting(fetcher(ask(false)))).toBe(false);
  });

  it("cannot reach a verification through a listener that throws", async () => {
    const fetcher = withStore({ get: () => 7, set: () => undefined }, origin.fetcher, {
      onEvent: () => {
        throw new Error("listener");
      },
    });
    expect(kidsOf(await fetcher(ask(true)))).toEqual(["first"]);
  });

  it("reports a set that is too large to be stored", async () => {
    await instance({ maxBytes: 100 })(ask(true));
    expect(reasonsIn(events)).toEqual(["write: too large"]);
    expect(store.texts.size).toBe(0);
  });

  it("passes the write to waitUntil, and then delays no answer", async () => {
    const kept: Promise<unknown>[] = [];
    let finish = (): void => {};
    const writing = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const steps: string[] = [];
    const fetcher = withStore({ get: () => null, set: () => writing }, origin.fetcher, {
      key: "k",
      timeoutSeconds: 60,
      waitUntil: (promise) => {
        kept.push(promise.then(() => steps.push("written")));
      },
    });
    expect(await isWaiting(fetcher(ask(false)))).toBe(false);
    steps.push("answered");
    finish();
    await Promise.all(kept);
    expect(steps).toEqual(["answered", "written"]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("outside of a request");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("outside of a request"))],
  ])("answers even when waitUntil %s", async (_, waitUntil) => {
    const count = await unhandledIn(async () => {
      const fetcher = instance({ waitUntil: waitUntil as () => void });
      expect(kidsOf(await fetcher(ask(true)))).toEqual(["first"]);
    });
    expect(count).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ["NaN", () => Number.NaN],
    ["a promise", async () => clock.time],
    ["a promise that rejects", async () => Promise.reject(new Error("x"))],
  ])("keeps nothing, and answers, when the clock gives %s", async (_, now) => {
    const count = await unhandledIn(async () => {
      const fetcher = instance({ now: now as () => number });
      expect(kidsOf(await fetcher(ask(true)))).toEqual(["first"]);
      origin.answer = async () => ({ notModified: true });
      expect(await fetcher({ ...ask(false), etag: '"1"' })).toEqual({ notModified: true });
      expect(store.texts.size).toBe(0);
    });
    expect(count).toBe(0);
  });
});

describe("an older set", () => {
  it("never overwrites a newer one", async () => {
    const slow = instance();
    let start = (): void => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    origin.answer = async () => {
      await started;
      return { jwks: { keys: [first.jwk] } };
    };
    const late = slow(ask(false));

    clock.forward(2);
    origin.answer = () => ({ jwks: { keys: [second.jwk] } });
    await instance()(ask(false));
    start();
    await late;

    expect(store.text).toContain('"second"');
    expect(store.writes).toHaveLength(1);
  });

  it("is not written when the comparison came back too late", async () => {
    let answer = (_text: null): void => {};
    const reading = new Promise<null>((resolve) => {
      answer = resolve;
    });
    const slow = { get: () => reading, set: store.set.bind(store) };
    const fetcher = withStore(slow, origin.fetcher, { timeoutSeconds: 0.02, onEvent });
    await fetcher(ask(false));
    expect(reasonsIn(events)).toEqual(["write: timed out"]);

    answer(null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.writes).toEqual([]);
  });

  it("loses the race in a store that compares as it writes", async () => {
    const shared = memoryStore();
    const newer = withStore(shared, origin.fetcher, { now: clock.now, key: "k" });
    let isOvertaken = false;
    const older = withStore(
      {
        get: (key) => shared.get(key),
        async set(key, text, write) {
          if (!isOvertaken) {
            // In between, another instance writes a set that it fetched later.
            isOvertaken = true;
            clock.forward(5);
            origin.answer = () => ({ jwks: { keys: [second.jwk] } });
            await newer(ask(false));
          }
          return shared.set(key, text, write);
        },
      },
      origin.fetcher,
      { now: clock.now, key: "k" },
    );
    await older(ask(false));
    expect(isOvertaken).toBe(true);
    expect(shared.get("k")).toContain('"second"');
  });

  it("is replaced by a newer one that lost a race against it", async () => {
    const shared = memoryStore();
    let rivals = 0;
    const fetcher = withStore(
      {
        get: (key) => shared.get(key),
        set(key, text, write) {
          if (rivals++ === 0) shared.set(key, "postern1..{}", write);
          return shared.set(key, text, write);
        },
      },
      origin.fetcher,
      { key: "k" },
    );
    await fetcher(ask(false));
    expect(rivals).toBe(2);
    expect(shared.get("k")).toContain('"first"');
  });

  it("is left to the others after it lost two races", async () => {
    let races = 0;
    const set = () => ++races > 5;
    const fetcher = withStore({ get: () => null, set }, origin.fetcher, { key: "k" });
    await fetcher(ask(false));
    expect(races).toBe(2);
  });

  it("is replaced by a set fetched before it when its time turns out to be from another clock", async () => {
    clock.forward(3600);
    await instance()(ask(false));
    clock.forward(-3600);
    origin.answer = () => ({ jwks: { keys: [second.jwk] } });
    await instance()(ask(false));
    expect(store.text).toContain('"second"');
  });
});

describe("a secret", () => {
  const secret = "correct horse battery staple";

  it("lets the instances that share it read each other, as text or as bytes", async () => {
    await instance({ secret })(ask(true));
    const fetched = await instance({ secret: new TextEncoder().encode(secret) })(ask(true));
    expect(kidsOf(fetched)).toEqual(["first"]);
    expect(origin.requests).toHaveLength(1);
    expect(store.text).toMatch(/^postern1\.[\w-]{43}\.\{/);
    expect(store.text).not.toContain(secret);
  });

  const forgeries: [name: string, forge: () => void][] = [
    ["unsigned", () => store.edit(() => {})],
    ["signed with another secret", () => {}],
    ["changed by one character", () => store.put(store.text.replace('"e":"AQAB"', '"e":"AQAC"'))],
    [
      "signed in another spelling",
      () => store.put(store.text.replace(/^postern1\.[\w-]/, "postern1.=")),
    ],
    [
      "under a truncated signature",
      () => store.put(store.text.replace(/^postern1\.[\w-]/, "postern1.")),
    ],
  ];

  it.each(forgeries)("refuses a set that is %s", async (name, forge) => {
    const other = "another secret of good length";
    await instance({ secret: name.includes("another") ? other : secret })(ask(true));
    forge();
    await instance({ secret })(ask(true));
    expect(origin.requests).toHaveLength(2);
    expect(reasonsIn(events)).toEqual([
      expect.stringMatching(/^read: (?:signature does not match|not a stored key set)$/),
    ]);
  });

  it("refuses a genuine set that was moved to the name of another URL, before parsing it", async () => {
    const fetcher = instance({ secret, key: "one name" });
    await fetcher(ask(true));
    await instance({ secret, key: "one name" })({ ...ask(true), url: "https://other.example" });
    expect(reasonsIn(events)).toEqual(["read: signature does not match"]);
  });

  it("may be too short, empty or missing from the environment: each is refused at once", () => {
    const { fetcher } = origin;
    expect(() => withStore(store, fetcher, { secret: "x".repeat(15) })).toThrow(
      new RangeError("secret must have at least 16 bytes, got fewer"),
    );
    expect(() => withStore(store, fetcher, { secret: "x".repeat(16) })).not.toThrow();
    expect(() => withStore(store, fetcher, { secret: "" })).toThrow(RangeError);
    for (const missing of [undefined, null, 7, {}]) {
      expect(() => withStore(store, fetcher, { secret: missing as never })).toThrow(
        /^secret must be a string or a Uint8Array, got /,
      );
    }
  });

  it("is copied: clearing the caller's bytes changes nothing", async () => {
    const bytes = new TextEncoder().encode(secret);
    const fetcher = instance({ secret: bytes });
    bytes.fill(0);
    await fetcher(ask(true));
    expect(kidsOf(await instance({ secret })(ask(true)))).toEqual(["first"]);
    expect(origin.requests).toHaveLength(1);
  });
});

describe("arguments", () => {
  it("take the options in place of the fetcher, and then fetch over HTTP", async () => {
    let asked = "";
    const fetcher = withStore(store, {
      async fetch(url) {
        asked = url;
        return {
          status: 200,
          headers: new Headers({ etag: '"7"' }),
          text: async () => JSON.stringify({ keys: [first.jwk] }),
        };
      },
    });
    expect(await fetcher(ask(true))).toMatchObject({ etag: '"7"' });
    expect(asked).toBe(URL_OF_SET);
  });

  it("may leave out the fetcher, the options, or both", async () => {
    expect(withStore(store)).toBeTypeOf("function");
    const fetch = vi.fn(async () => new Response(JSON.stringify({ keys: [first.jwk] })));
    expect(kidsOf(await withStore(store, undefined, { fetch })(ask(true)))).toEqual(["first"]);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(kidsOf(await withStore(new OpenStore(), origin.fetcher)(ask(true)))).toEqual(["first"]);
  });

  it("give the default fetcher the bounds of a key set", async () => {
    const fetcher = withStore(store, {
      maxBytes: 10,
      fetch: async () => ({
        status: 200,
        headers: new Headers(),
        text: async () => "x".repeat(11),
      }),
    });
    await expect(fetcher(ask(true))).rejects.toMatchObject({ code: "response_too_large" });
  });

  it("can be stacked: memory in front of a shared store", async () => {
    await instance()(ask(true));
    clock.forward(30);
    const stacked = withStore(memoryStore(), instance(), { now: clock.now });
    expect(await stacked(ask(true))).toMatchObject({ fetchedAt: clock.time - 30_000 });
    store.put("gone");
    expect(await stacked(ask(true))).toMatchObject({ fetchedAt: clock.time - 30_000 });
    expect(origin.requests).toHaveLength(1);
  });

  it("are refused at once when they are wrong, in one sentence", () => {
    const { fetcher } = origin;
    const wrong: [() => unknown, RegExp][] = [
      [() => withStore(undefined as never), /^store must be a store, .* got undefined$/],
      [() => withStore({ get: () => null } as never), /^store must be a store/],
      [() => withStore(store, { ttlSeconds: null as never }), /^ttlSeconds must be a number/],
      [() => withStore(store, "https" as never), /^options must be an object, got string$/],
      [() => withStore(store, {} as never, {}), /^fetcher must be a function, got object$/],
      [() => withStore(store, null as never), /^options must be an object, got null$/],
      [() => withStore(store, fetcher, null as never), /^options must be an object, got null$/],
      [() => withStore(store, { key: "" }), /^key must be a non-empty string, got an empty/],
      [() => withStore(store, { key: 7 as never }), /^key must be a non-empty string, got number$/],
      [() => withStore(store, { onEvent: 7 as never }), /^onEvent must be a function, got number$/],
      [() => withStore(store, { timeoutSeconds: 0 }), /^timeoutSeconds must be/],
      [() => withStore(store, { timeoutSeconds: Number.NaN }), /^timeoutSeconds must be/],
      [() => withStore(store, { ttlSeconds: 59 }), /^ttlSeconds must be/],
      [() => withStore(store, { maxBytes: "1" as never }), /^maxBytes must be/],
      [() => withStore(store, { now: 5 as never }), /^now must be a function, got number$/],
      [() => withStore(store, { fetch: "x" as never }), /^fetch must be a function, got string$/],
      [() => withStore(store, { waitUntil: 1 as never }), /^waitUntil must be a function/],
    ];
    for (const [call, message] of wrong) expect(call).toThrow(message);
  });
});
