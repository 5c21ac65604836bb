import { describe, expect, test } from "vitest";
import { type FetchedKeySet, KeySetError, type KeySetFetcher } from "../../../src/index.ts";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce, until } from "../../support/story-clock.ts";

const first = publicJwk("first");
const second = publicJwk("second");

describe("a custom fetcher", () => {
  test("receives the URL, the held validator, and whether a stored set may help", async () => {
    const asked: unknown[] = [];
    const { clock, keys } = beginStory({
      async fetcher({ signal, ...request }) {
        expect(signal.aborted).toBe(false);
        asked.push(request);
        return { jwks: { keys: [first] }, etag: "one" };
      },
    });
    await atOnce(keys.prefetch());
    await clock.elapse(600);
    await atOnce(keys.refresh());
    const url = "https://issuer.example/jwks";
    expect(asked).toEqual([
      { url, etag: undefined, cold: true },
      { url, etag: "one", cold: false },
    ]);
  });

  test("hears that no stored set helps when the caller wants the origin's own answer", async () => {
    const asked: boolean[] = [];
    const { keys } = beginStory({
      async fetcher({ cold }) {
        asked.push(cold);
        return { jwks: { keys: [first] } };
      },
    });
    await atOnce(keys.refresh());
    expect(asked).toEqual([false]);
  });

  test.each<[string, FetchedKeySet, string]>([
    ["a 304 without a validator", { notModified: true }, "jwks_malformed"],
    ["no set", { jwks: [] }, "jwks_malformed"],
    ["no usable key", { jwks: { keys: [] } }, "no_usable_keys"],
    ["a set from the future", { jwks: { keys: [first] }, fetchedAt: 1e15 }, "jwks_malformed"],
  ])("that returns %s is reported with its address", async (_, answer, code) => {
    const { keys } = beginStory({ fetcher: async () => answer });
    const url = "https://issuer.example/jwks";
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code });
    expect(keys.state.lastError).toMatchObject({ code, url });
  });

  test("renews the held set from now on, whatever else it says beside that it is still valid", async () => {
    const renewal = { notModified: true, fetchedAt: 0, etag: "two" } as FetchedKeySet;
    const asked: unknown[] = [];
    const { clock, keys } = beginStory({
      async fetcher({ etag }) {
        asked.push(etag);
        return etag === undefined ? { jwks: { keys: [first] }, etag: "one" } : renewal;
      },
    });
    await atOnce(keys.prefetch());
    for (let time = 0; time < 2; time++) {
      await clock.elapse(600);
      await atOnce(keys.refresh());
      expect(keys.state.fetchedAt).toBe(clock.now());
    }
    expect(asked).toEqual([undefined, "one", "one"]);
  });

  test("may say that the held set is still valid, but only when it received a validator", async () => {
    const fetcher: KeySetFetcher = async ({ etag }) =>
      etag === undefined ? { jwks: { keys: [first] }, etag: "one" } : { notModified: true };
    const { keys } = beginStory({ fetcher });
    await atOnce(keys.prefetch());
    await atOnce(keys.refresh());
    expect(keys.known(under("first"))).toHaveLength(1);

    const { keys: others, clock } = beginStory({ fetcher: async () => ({ notModified: true }) });
    const cold = others.find(under("first"));
    cold.catch(() => {});
    await clock.elapse(1);
    await expect(atOnce(cold)).rejects.toMatchObject({ code: "jwks_malformed" });
  });

  for (const { brought, code, name } of [
    { name: "nothing", brought: undefined, code: "jwks_malformed" },
    { name: "text", brought: "keys", code: "jwks_malformed" },
    { name: "no set", brought: {}, code: "jwks_malformed" },
    {
      name: "a promise of a set as the set",
      brought: { jwks: Promise.resolve({ keys: [first] }) },
      code: "jwks_malformed",
    },
    {
      name: "an inherited set",
      brought: { jwks: Object.create({ keys: [first] }) },
      code: "jwks_malformed",
    },
    {
      name: "a set from the future",
      brought: { jwks: { keys: [first] }, fetchedAt: 1e15 },
      code: "jwks_malformed",
    },
  ]) {
    test(`that returns ${name} has failed`, async () => {
      const { clock, keys } = beginStory({ fetcher: async () => brought as FetchedKeySet });
      const cold = keys.find(under("first"));
      cold.catch(() => {});
      await clock.elapse(1);
      await expect(atOnce(cold)).rejects.toMatchObject({ code, status: 503 });
    });
  }

  test("may throw a KeySetError, which is passed on unchanged", async () => {
    const { keys, told } = beginStory({
      async fetcher() {
        throw new KeySetError("discovery_mismatch", { retryAfterSeconds: 40 });
      },
    });
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({
      code: "discovery_mismatch",
      retryAfterSeconds: 40,
    });
    expect(told("refresh_failed").at(-1)?.retryAfterSeconds).toBe(40);
  });

  for (const { fetcher, name } of [
    {
      name: "throws something else",
      fetcher: () => {
        throw new RangeError("boom");
      },
    },
    { name: "rejects with something else", fetcher: () => Promise.reject(new RangeError("boom")) },
    {
      name: "returns an object that throws when it is read",
      fetcher: async () => ({
        get jwks() {
          throw new RangeError("boom");
        },
      }),
    },
  ]) {
    test(`that ${name} has failed with that as cause`, async () => {
      const { keys } = beginStory({ fetcher: fetcher as unknown as KeySetFetcher });
      const error = await atOnce(keys.refresh()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "fetch_failed", status: 503 });
      expect(error).toHaveProperty("cause", new RangeError("boom"));
    });
  }

  for (const { maxAgeSeconds, seconds } of [
    { maxAgeSeconds: 900, seconds: 900 },
    { maxAgeSeconds: 1, seconds: 60 },
    { maxAgeSeconds: -1, seconds: 60 },
    { maxAgeSeconds: 1e9, seconds: 3600 },
    { maxAgeSeconds: Number.NaN, seconds: 600 },
    { maxAgeSeconds: "900" as unknown as number, seconds: 600 },
  ]) {
    test(`that says ${maxAgeSeconds} returns a set that is fresh for ${seconds} s`, async () => {
      const { clock, keys } = beginStory({
        fetcher: async () => ({ jwks: { keys: [first] }, maxAgeSeconds }),
      });
      await atOnce(keys.prefetch());
      expect(keys.state.freshUntilAt).toBe(clock.now() + seconds * 1000);
    });
  }
});

/** A fetcher that answers from a store while it is cold, and otherwise from the origin. */
function fromStore(stored: () => FetchedKeySet, origin: () => Promise<FetchedKeySet>) {
  const asked: ("store" | "origin")[] = [];
  const fetcher: KeySetFetcher = async ({ cold, etag }) => {
    if (cold) {
      asked.push("store");
      return stored();
    }
    expect(etag).toBeUndefined();
    asked.push("origin");
    return origin();
  };
  return { asked, fetcher };
}

describe("a set from a store", () => {
  test("is used at once, and revalidated in the background at once", async () => {
    const now = 1_700_000_000_000;
    const { asked, fetcher } = fromStore(
      () => ({ jwks: { keys: [first] }, fetchedAt: now - 60_000 }),
      async () => ({ jwks: { keys: [second] } }),
    );
    const { keys } = beginStory({ fetcher });
    expect(await atOnce(keys.find(under("first")))).toHaveLength(1);
    await until(() => keys.state.kids[0] === "second");
    expect(asked).toEqual(["store", "origin"]);
    expect(keys.known(under("first"))).toEqual([]);
  });

  test("has its age from the time at which it left its origin", async () => {
    const fetchedAt = 1_700_000_000_000 - 700_000;
    const { keys } = beginStory({ fetcher: async () => ({ jwks: { keys: [first] }, fetchedAt }) });
    await atOnce(keys.refresh());
    expect(keys.state).toMatchObject({
      fetchedAt,
      freshUntilAt: fetchedAt + 600_000,
      trustedUntilAt: fetchedAt + 600_000 + 86_400_000,
    });
  });

  for (const { age, name } of [
    { name: "ten minutes", age: 700 },
    { name: "two hours", age: 7200 },
    { name: "two days", age: 2 * 86_400 },
  ]) {
    test(`that is ${name} old leads to the origin`, async () => {
      const now = 1_700_000_000_000;
      const { asked, fetcher } = fromStore(
        () => ({ jwks: { keys: [first] }, fetchedAt: now - age * 1000 }),
        async () => ({ jwks: { keys: [second] } }),
      );
      const { clock, keys } = beginStory({ fetcher });
      const waiting = keys.find(under("second"));
      waiting.catch(() => {});
      for (let second = 0; second < 20; second++) await clock.elapse(1);
      expect(await atOnce(waiting)).toHaveLength(1);
      expect(asked).toContain("origin");
      expect(asked.length).toBeLessThanOrEqual(3);
    });
  }

  test("that is no newer than the held one is ignored, and starts no loop", async () => {
    const fetchedAt = 1_700_000_000_000 - 60_000;
    let fetches = 0;
    const { clock, keys } = beginStory({
      async fetcher() {
        fetches++;
        return { jwks: { keys: [first] }, fetchedAt };
      },
    });
    await atOnce(keys.prefetch());
    const unknown = keys.find(under("second"));
    unknown.catch(() => {});
    for (let second = 0; second < 30; second++) {
      keys.known(under("first"));
      await clock.elapse(1);
    }
    await expect(atOnce(unknown)).rejects.toMatchObject({ status: 503 });
    expect(fetches).toBeLessThanOrEqual(10);
  });

  for (const age of [60, 700, 2 * 86_400]) {
    const stored = () => ({
      jwks: { keys: [first] },
      fetchedAt: 1_700_000_000_000 - age * 1000,
    });

    test(`that is ${age} s old is not enough for refresh(), which joins its fetch`, async () => {
      const origin = async () => ({ jwks: { keys: [second] } });
      const { asked, fetcher } = fromStore(stored, origin);
      const { keys } = beginStory({ fetcher });
      const prefetched = keys.prefetch();
      await atOnce(keys.refresh());
      expect(keys.state).toMatchObject({ standing: "fresh", kids: ["second"] });
      expect(asked).toEqual(["store", "origin"]);
      await atOnce(prefetched);
    });

    test(`that is ${age} s old does not make refresh() resolve while the origin is down`, async () => {
      const origin = () => Promise.reject(new KeySetError("fetch_failed"));
      const { asked, fetcher } = fromStore(stored, origin);
      const { keys } = beginStory({ fetcher });
      keys.prefetch().catch(() => {});
      await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "fetch_failed" });
      expect(asked).toEqual(["store", "origin"]);
    });
  }

  test("does not replace an answer of the origin", async () => {
    const now = 1_700_000_000_000;
    let isStored = false;
    const { clock, keys } = beginStory({
      fetcher: async () =>
        isStored
          ? { jwks: { keys: [second] }, fetchedAt: now - 1000 }
          : { jwks: { keys: [first] } },
    });
    await atOnce(keys.prefetch());
    await clock.elapse(1);
    isStored = true;
    // A fetcher that must return the newest set and returns an older one has failed.
    await expect(atOnce(keys.refresh())).rejects.toMatchObject({ code: "jwks_malformed" });
    expect(keys.state.kids).toEqual(["first"]);
  });
});
