import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  createStaticKeySet,
  createVerifier,
  type JwkSet,
  KeySetError,
  type PosternEvent,
  TokenError,
  type VerifiedToken,
} from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  rejection,
  type Signer,
} from "../support/issuer.ts";
import { atOnce } from "../support/story-clock.ts";

let one: Signer;
let two: Signer;
beforeAll(async () => {
  [one, two] = await Promise.all([createSigner("one"), createSigner("two")]);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const without = (jwk: object): object => ({ ...jwk, kid: undefined });

async function verify(keys: object[], token: string): Promise<VerifiedToken> {
  const set = createStaticKeySet({ keys } as JwkSet);
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: set, now });
  return atOnce(verifier.verify(token));
}

describe("a key is found", () => {
  test("by its kid, at any place in the set", async () => {
    for (const keys of [
      [one.jwk, two.jwk],
      [two.jwk, one.jwk],
    ]) {
      expect((await verify(keys, await one.token(apiClaims()))).header.kid).toBe("one");
      expect((await verify(keys, await two.token(apiClaims()))).header.kid).toBe("two");
    }
  });

  test("among several under one kid: each is tried", async () => {
    const keys = [{ ...two.jwk, kid: "one" }, one.jwk];
    expect((await verify(keys, await one.token(apiClaims()))).issuer).toBe(ISSUER);
    const token = await two.token(apiClaims(), { kid: "one" });
    expect((await verify(keys, token)).issuer).toBe(ISSUER);
  });

  test("among all when the token has no kid: the first that matches wins", async () => {
    const keys = [one.jwk, without(two.jwk)];
    for (const signer of [one, two]) {
      const token = await signer.token(apiClaims(), { kid: undefined });
      expect((await verify(keys, token)).issuer).toBe(ISSUER);
    }
  });

  test("under an empty kid, which counts like any other", async () => {
    const keys = [{ ...one.jwk, kid: "" }, two.jwk];
    expect((await verify(keys, await one.token(apiClaims(), { kid: "" }))).header.kid).toBe("");
    const error = await rejection(verify(keys, await two.token(apiClaims(), { kid: "" })));
    expect(error).toMatchObject({ code: "signature_invalid" });
  });
});

describe("a key is not found", () => {
  test.each(["ONE", "one ", "on", "__proto__", "constructor", "toString", "0"])(
    "under the kid %j, which no entry has",
    async (kid) => {
      const error = await rejection(verify([one.jwk], await one.token(apiClaims(), { kid })));
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ code: "key_not_found", status: 401, kid, verified: false });
    },
  );

  test("under any kid, when the entry has none", async () => {
    const keys = [without(one.jwk), two.jwk];
    for (const kid of ["one", "undefined", ""]) {
      const error = await rejection(verify(keys, await one.token(apiClaims(), { kid })));
      expect(error).toMatchObject({ code: "key_not_found", kid });
    }
  });

  test("by thumbprint, n or position: only by kid", async () => {
    const keys = [one.jwk];
    const token = await one.token(apiClaims(), { kid: one.jwk.n as string });
    expect(await rejection(verify(keys, token))).toMatchObject({ code: "key_not_found" });
  });

  test("for the signature of another key", async () => {
    const token = await two.token(apiClaims(), { kid: "one" });
    expect(await rejection(verify([one.jwk, two.jwk], token))).toMatchObject({
      code: "signature_invalid",
      kid: "one",
    });
  });
});

describe("a static set", () => {
  test.each([
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", '{"keys":[]}', "string"],
    ["an array of keys", [], "an empty array"],
    ["an object without keys", {}, "object"],
    ["keys that is no array", { keys: {} }, "object"],
    ["keys that is null", { keys: null }, "object"],
    ["keys that only a prototype has", Object.create({ keys: [] }), "object"],
    ["a single JWK", { kty: "RSA", n: "AQAB", e: "AQAB" }, "object"],
  ])("is refused when it is %s", (_, jwks, type) => {
    const act = (): unknown => createStaticKeySet(jwks as JwkSet);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(`keys must be a JWK set, an object with an array "keys", got ${type}`);
  });

  test("is refused with a listener that is no function", () => {
    expect(() => createStaticKeySet({ keys: [one.jwk] }, { onEvent: 7 as never })).toThrow(
      "onEvent must be a function, got number",
    );
  });

  test("is refused when it is empty", () => {
    expect(() => createStaticKeySet({ keys: [] })).toThrow(TypeError);
    expect(() => createStaticKeySet({ keys: [] })).toThrow("got an empty set");
  });

  test("is refused with each entry's reason when no entry is usable", () => {
    const keys = [{ ...one.jwk, use: "enc" }, { ...two.jwk, alg: "RS512" }, 7];
    expect(() => createStaticKeySet({ keys } as never)).toThrow(
      "keys[0]: use is not sig; keys[1]: alg is not RS256; keys[2]: not an object",
    );
  });

  test("is a copy: a later change of the original has no effect", async () => {
    const jwk = { ...one.jwk };
    const jwks = { keys: [jwk] };
    const keys = createStaticKeySet(jwks);
    jwk.n = two.jwk.n;
    jwk.kid = "two";
    jwks.keys.pop();
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    expect((await verifier.verify(await one.token(apiClaims()))).issuer).toBe(ISSUER);
  });

  test("answers at once after the import, and with the same keys", async () => {
    const keys = createStaticKeySet({ keys: [one.jwk, two.jwk] });
    const header = { alg: "RS256", kid: "one" };
    expect(keys.known?.(header)).toEqual([]);
    await atOnce(Promise.resolve(keys.prefetch?.()));
    const known = keys.known?.(header);
    expect(known).toHaveLength(1);
    expect(await atOnce(keys.find(header))).toEqual(known);
    expect(keys.known?.({ alg: "RS256" })).toHaveLength(2);
    expect(keys.known?.({ alg: "RS256", kid: "three" })).toEqual([]);
  });

  test("imports each key once, for any number of callers", async () => {
    const importKey = vi.spyOn(crypto.subtle, "importKey");
    const keys = createStaticKeySet({ keys: [one.jwk, { ...one.jwk }, two.jwk] });
    await atOnce(
      Promise.all([keys.prefetch?.(), keys.find({ alg: "RS256" }), keys.find({ alg: "RS256" })]),
    );
    expect(importKey).toHaveBeenCalledTimes(2);
  });

  test("skips an entry that the runtime cannot import", async () => {
    const { subtle } = crypto;
    const importKey = subtle.importKey.bind(subtle) as (...args: unknown[]) => Promise<never>;
    vi.spyOn(subtle, "importKey").mockImplementation((...args: unknown[]) =>
      (args[1] as { n: string }).n === one.jwk.n
        ? Promise.reject(new DOMException("no", "DataError"))
        : importKey(...args),
    );
    const keys = createStaticKeySet({ keys: [one.jwk, two.jwk] });
    const found = await atOnce(keys.find({ alg: "RS256" }));
    expect(found.map(({ kid }) => kid)).toEqual(["two"]);
  });

  test("reports every skipped entry to its listener, at the right time", async () => {
    const reasons: unknown[] = [];
    const onEvent = (event: PosternEvent): void => {
      reasons.push(event.type === "key_skipped" && [event.kid, event.reason]);
      throw new Error("a listener decides nothing");
    };
    const { subtle } = crypto;
    vi.spyOn(subtle, "importKey").mockRejectedValueOnce(new DOMException("no", "DataError"));
    const entries = [7, { ...two.jwk, alg: "RS512" }, one.jwk, two.jwk] as JwkSet["keys"];
    const keys = createStaticKeySet({ keys: entries }, { onEvent });
    expect(reasons).toEqual([
      [undefined, "not an object"],
      ["two", "alg is not RS256"],
    ]);
    expect(await atOnce(keys.find({ alg: "RS256" }))).toHaveLength(1);
    expect(reasons.at(-1)).toEqual(["one", "not importable"]);
  });

  test("decides nothing when the runtime imports none of it", async () => {
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no", "DataError"));
    const keys = createStaticKeySet({ keys: [one.jwk, without(two.jwk)] as JwkSet["keys"] });
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
    const token = await one.token(apiClaims());
    const acts = [keys.prefetch?.(), verifier.prefetch(), verifier.verify(token)];
    const errors = acts.map((act) => rejection(act as Promise<unknown>));
    for (const error of await atOnce(Promise.all(errors))) {
      expect(error).toBeInstanceOf(KeySetError);
      expect(error).toMatchObject({ code: "no_usable_keys", status: 503 });
    }
  });

  test("may be passed as the keys option, and reports skipped entries", async () => {
    const events: PosternEvent[] = [];
    const onEvent = (event: PosternEvent): void => void events.push(event);
    const keys = { keys: [{ ...two.jwk, use: "enc", kid: "tw\u0007o" }, one.jwk] };
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now, onEvent });
    expect((await verifier.verify(await one.token(apiClaims()))).issuer).toBe(ISSUER);
    expect(events).toEqual([
      expect.objectContaining({ type: "key_skipped", kid: "tw\\u0007o", reason: "use is not sig" }),
    ]);
  });
});

describe("entries that are nearly the same", () => {
  test("are separate keys with another kid or another exponent", async () => {
    const twin = { ...one.jwk, kid: "twin" };
    const token = await one.token(apiClaims(), { kid: "twin" });
    expect((await verify([one.jwk, twin], token)).header.kid).toBe("twin");
    const set = createStaticKeySet({ keys: [one.jwk, { ...one.jwk, e: "Aw" }] } as JwkSet);
    expect(await atOnce(set.find({ alg: "RS256", kid: "one" }))).toHaveLength(2);
  });

  test("are reported without a kid that is no string", () => {
    const events: PosternEvent[] = [];
    const keys = [one.jwk, { ...two.jwk, kid: 7 }];
    createStaticKeySet({ keys } as never, { onEvent: (event) => events.push(event) });
    expect(events).toEqual([
      { type: "key_skipped", kid: undefined, reason: "kid is not a string" },
    ]);
  });
});
