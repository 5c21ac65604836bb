import { afterEach, describe, expect, test, vi } from "vitest";
import {
  createRemoteKeySet,
  createStaticKeySet,
  type FetchedKeySet,
  importJwk,
  type Jwk,
} from "../../../src/index.ts";
import { rejection } from "../../support/issuer.ts";
import { beginStory, under } from "../../support/key-set-story.ts";
import { publicJwk } from "../../support/public-jwk.ts";
import { atOnce } from "../../support/story-clock.ts";

const first = publicJwk("first");

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("an endpoint of the real world", () => {
  test("may serve the key set's own media type alone (RFC 7517 section 8.5)", async () => {
    const { keys, origin } = beginStory({
      fetch: async (url, init) =>
        /(?:^|,)\s*application\/jwk-set\+json/.test(init.headers["accept"] ?? "")
          ? origin.fetch(url, init)
          : new Response("", { status: 406 }),
    });
    origin.publish(first);
    await atOnce(keys.prefetch());
    expect(keys.known(under("first"))).toHaveLength(1);
  });

  test.each([
    [
      "a key whose members that are not set are null",
      { use: null, alg: null, key_ops: null, d: null },
    ],
    ["a key whose lists that are not set are empty", { key_ops: [], oth: [], x5c: [] }],
  ])("may publish %s", async (_, members) => {
    const { keys, origin } = beginStory();
    origin.publish({ ...first, ...members } as Jwk);
    await atOnce(keys.prefetch());
    expect(keys.known(under("first"))).toHaveLength(1);
  });

  test("may spell n and e with leading zero octets, which are removed before the import", async () => {
    const importKey = vi.spyOn(crypto.subtle, "importKey");
    const pad = (text: string | undefined): string =>
      Buffer.concat([Buffer.alloc(2), Buffer.from(text ?? "", "base64url")]).toString("base64url");
    await importJwk({ ...first, n: pad(first.n), e: pad(first.e) });
    expect(importKey.mock.calls[0]?.[1]).toMatchObject({ n: first.n, e: first.e });
  });
});

describe("a custom fetcher", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -Infinity, "0", "now", null, new Date(), {}])(
    "with a fetchedAt of %j returns a set of unknown age, which is refused",
    async (fetchedAt) => {
      const { keys } = beginStory({
        fetcher: async () => ({ jwks: { keys: [first] }, fetchedAt }) as FetchedKeySet,
      });
      const error = await rejection(atOnce(keys.refresh()) as Promise<never>);
      expect(error).toMatchObject({ code: "jwks_malformed" });
      expect(keys.state.standing).toBe("none");
    },
  );
});

describe("the longest freshness", () => {
  test.each([
    [undefined, "max-age=86400", 3600],
    [300, "max-age=86400", 300],
    [300, "max-age=120", 120],
    [300, undefined, 600],
    [7200, "max-age=86400", 7200],
    [30, "max-age=5", 30],
  ])(
    "that a response may ask for is %j: %j counts as %j s",
    async (limit, cacheControl, seconds) => {
      const { keys, origin } = beginStory({ maxAgeLimitSeconds: limit });
      origin.publish(first);
      if (cacheControl !== undefined) origin.say({ "cache-control": cacheControl });
      await atOnce(keys.prefetch());
      const { fetchedAt = 0, freshUntilAt = 0 } = keys.state;
      expect((freshUntilAt - fetchedAt) / 1000).toBe(seconds);
    },
  );
});

describe("events about refused kids", () => {
  test("do not come from a prefetch or a first request while the endpoint is down", async () => {
    const { clock, keys, origin, told } = beginStory();
    origin.goDown();
    const prefetch = keys.prefetch().catch(() => {});
    const find = keys.find(under("first")).catch(() => {});
    await clock.elapse(1);
    await atOnce(Promise.all([prefetch, find]));
    for (let time = 0; time < 5; time++) {
      await rejection(atOnce(keys.prefetch()));
    }
    expect(told("kid_refused")).toEqual([]);
  });
});

describe("without crypto.subtle", () => {
  test.each([undefined, {}, { subtle: undefined }])(
    "as in a page on http (%j), the error says what is needed",
    async (crypto) => {
      const { createVerifier } = await import("../../../src/index.ts");
      vi.stubGlobal("crypto", crypto);
      const says = /^crypto\.subtle must be there: a page needs a secure context/;
      const options = { issuer: "https://issuer.example", audience: "api" };
      expect(() => createVerifier({ ...options, keys: { keys: [first] } })).toThrow(says);
      expect(() => createVerifier({ team: "acme", audience: "0".repeat(64) })).toThrow(says);
      await expect(importJwk(first)).rejects.toThrow(says);
    },
  );

  test("keeps what the engine threw as the cause", async () => {
    const thrown = new DOMException("no such key", "DataError");
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(thrown);
    const remote = createRemoteKeySet("https://issuer.example/jwks", {
      fetch: async () => Response.json({ keys: [first] }),
    });
    expect(await rejection(atOnce(remote.refresh()))).toMatchObject({
      code: "no_usable_keys",
      cause: thrown,
    });
    const fixed = createStaticKeySet({ keys: [first] });
    expect(await rejection(atOnce(fixed.find(under("first"))))).toMatchObject({
      code: "no_usable_keys",
      cause: thrown,
    });
  });
});
