import { describe, expect, test } from "vitest";
import { createRemoteKeySet, type RemoteKeySetOptions } from "../../../src/index.ts";
import { atOnce } from "../../support/story-clock.ts";

const url = "https://issuer.example/jwks";

function create(options: unknown): () => unknown {
  return () => createRemoteKeySet(url, options as RemoteKeySetOptions);
}

const NUMBERS = [
  "timeoutSeconds",
  "maxBytes",
  "maxAgeSeconds",
  "staleWhileRevalidateSeconds",
  "staleIfErrorSeconds",
  "cooldownSeconds",
  "maxParked",
];

describe("a wrong option is named at once, with the type that was given", () => {
  for (const name of NUMBERS) {
    test(`${name} that is no number`, () => {
      for (const value of ["5", {}, true, 5n]) {
        expect(create({ [name]: value })).toThrow(TypeError);
        expect(create({ [name]: value })).toThrow(name);
      }
    });

    test(`${name} out of bounds`, () => {
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
        expect(create({ [name]: value })).toThrow(RangeError);
        expect(create({ [name]: value })).toThrow(name);
      }
    });
  }

  for (const name of ["fetch", "fetcher", "now", "onEvent"]) {
    test(`${name} that is no function`, () => {
      for (const value of ["fetch", 1, {}]) {
        expect(create({ [name]: value })).toThrow(TypeError);
        expect(create({ [name]: value })).toThrow(name);
      }
    });
  }

  test("options that are no object", () => {
    for (const options of [null, "fast", 5, []]) expect(create(options)).toThrow(TypeError);
  });
});

describe("options", () => {
  test("may be left out, or be undefined one by one", () => {
    const names = [...NUMBERS, "fetch", "fetcher", "now", "onEvent"];
    expect(() => createRemoteKeySet(url)).not.toThrow();
    expect(create(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow();
  });

  test("may be fractions of seconds, and zero where that makes sense", () => {
    expect(
      create({ timeoutSeconds: 0.25, cooldownSeconds: 0.5, maxAgeSeconds: 0.5 }),
    ).not.toThrow();
    expect(
      create({ staleWhileRevalidateSeconds: 0, staleIfErrorSeconds: 0, cooldownSeconds: 0 }),
    ).not.toThrow();
    expect(create({ timeoutSeconds: 0 })).toThrow(RangeError);
    expect(create({ maxBytes: 0 })).toThrow(RangeError);
  });

  test("are copied: a later change of the object has no effect", async () => {
    let isReplaced = false;
    const options: RemoteKeySetOptions = {
      fetcher: async () => ({ jwks: { keys: [] } }),
    };
    const keys = createRemoteKeySet(url, options);
    options.fetcher = async () => {
      isReplaced = true;
      return { jwks: undefined };
    };
    await atOnce(keys.refresh()).catch(() => {});
    expect(isReplaced).toBe(false);
  });
});

describe("a wrong argument is named", () => {
  test("when it is the address", () => {
    expect(() => createRemoteKeySet("ftp://issuer.example")).toThrow(/^url must be an https URL/);
  });

  test("when it is the whole options object", () => {
    expect(create(null)).toThrow(/^options must be an object, got null$/);
  });

  test("when it is the clock", async () => {
    const keys = createRemoteKeySet(url, { now: () => Number.NaN });
    await expect(atOnce(keys.find({ alg: "RS256" }))).rejects.toThrow(
      /^now\(\) must be a finite number, got /,
    );
  });
});
