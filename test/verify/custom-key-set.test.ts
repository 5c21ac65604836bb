import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  createVerifier,
  importJwk,
  type KeySet,
  KeySetError,
  TokenError,
  type VerificationKey,
  type VerifiedToken,
  type Verifier,
} from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  NOW,
  now,
  rejection,
  type Signer,
} from "../support/issuer.ts";
import { unhandledIn } from "../support/unhandled.ts";

let signer: Signer;
let key: VerificationKey;
let token: string;
beforeAll(async () => {
  signer = await createSigner();
  key = { kid: signer.kid, cryptoKey: await importJwk(signer.jwk) };
  token = await signer.token(apiClaims());
});
afterEach(() => {
  vi.restoreAllMocks();
});

const over = (keys: KeySet): Verifier<VerifiedToken> =>
  createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });

/** A set that finds the same keys for every lookup, or one that knows them at once, too. */
function setsOf(found: unknown): KeySet[] {
  const find = async (): Promise<never> => found as never;
  return [{ find }, { find, known: () => found as never }];
}

describe("a custom key set", () => {
  test("needs only find", async () => {
    for (const set of setsOf([key])) {
      expect((await over(set).verify(token)).issuer).toBe(ISSUER);
      await over(set).prefetch();
    }
  });

  test("receives the header, the token's own time and the options of the call", async () => {
    const find = vi.fn(async () => [key]);
    const { signal } = new AbortController();
    const waitUntil = (): void => {};
    await over({ find }).verify(token, { signal, waitUntil });
    const issuedAt = (NOW - 60) * 1000;
    expect(find).toHaveBeenCalledExactlyOnceWith(
      { alg: "RS256", kid: signer.kid, typ: "JWT" },
      { signal, waitUntil, issuedAt },
    );
  });

  test.each([undefined, "1", null, [1]])("receives no time when iat is %j", async (iat) => {
    const find = vi.fn<KeySet["find"]>(async () => [key]);
    await over({ find }).safeVerify(await signer.token(apiClaims({ iat })));
    expect(find.mock.calls.map(([, lookup]) => lookup?.issuedAt)).toEqual([undefined]);
  });

  test("gets no find call for a key that it knows at once", async () => {
    const find = vi.fn(async () => []);
    expect((await over({ find, known: () => [key] }).verify(token)).issuer).toBe(ISSUER);
    expect(find).not.toHaveBeenCalled();
  });

  test("returns an empty array when there is no such key", async () => {
    for (const set of setsOf([])) {
      const error = await rejection(over(set).verify(token));
      expect(error).toBeInstanceOf(TokenError);
      expect(error).toMatchObject({ code: "key_not_found", kid: signer.kid, status: 401 });
    }
  });

  test("is tried key by key, and the first that verifies wins", async () => {
    const other = { kid: "other", cryptoKey: await importJwk((await createSigner()).jwk) };
    for (const set of setsOf([other, key])) {
      expect((await over(set).verify(token)).issuer).toBe(ISSUER);
    }
    for (const set of setsOf([other])) {
      expect(await rejection(over(set).verify(token))).toMatchObject({ code: "signature_invalid" });
    }
  });
});

describe("what a key set throws", () => {
  test.each([
    ["an error", new Error("socket closed")],
    ["a TypeError", new TypeError("undefined is not a function")],
    ["a TokenError, which is not allowed here", new TokenError("key_not_found")],
    ["a string", "down"],
    ["undefined", undefined],
  ])("becomes fetch_failed with its cause: %s", async (_, thrown) => {
    const fail = (): never => {
      throw thrown;
    };
    const sets: KeySet[] = [
      { find: fail },
      { find: () => Promise.reject(thrown) },
      { find: async () => [key], known: fail },
    ];
    for (const set of sets) {
      const error = await rejection(over(set).verify(token));
      expect(error).toBeInstanceOf(KeySetError);
      expect(error).toMatchObject({ code: "fetch_failed", status: 503 });
      expect((error as KeySetError).cause).toBe(thrown);
    }
  });

  test("is passed on when it is a KeySetError", async () => {
    const thrown = new KeySetError("backing_off", { retryAfterSeconds: 7 });
    const { verify, safeVerify } = over({ find: () => Promise.reject(thrown) });
    expect(await rejection(verify(token))).toBe(thrown);
    expect(await safeVerify(token)).toEqual({ ok: false, error: thrown });
  });

  test("becomes fetch_failed in a prefetch as well", async () => {
    const thrown = new Error("socket closed");
    const set = { find: async () => [key], prefetch: () => Promise.reject(thrown) };
    const error = await rejection(over(set).prefetch());
    expect(error).toBeInstanceOf(KeySetError);
    expect(error).toMatchObject({ code: "fetch_failed", cause: thrown });
  });
});

test("a key set hears of a signature that no key verified only if the claims would pass", async () => {
  const revalidate = vi.fn();
  const { verify } = over({ find: async () => [key], known: () => [key], revalidate });
  const attacker = await createSigner();
  for (const [claims, calls] of [
    [{ exp: 1 }, 0],
    [{ aud: ["other"] }, 0],
    [{}, 1],
  ] as const) {
    const forged = await attacker.token(apiClaims(claims));
    expect(await rejection(verify(forged))).toMatchObject({ code: "signature_invalid" });
    expect(revalidate).toHaveBeenCalledTimes(calls);
  }
});

describe("what a key set throws when it hears of a signature that no key verified", () => {
  const failures: readonly [string, () => unknown][] = [
    [
      "at once",
      () => {
        throw new Error("down");
      },
    ],
    ["later", () => Promise.reject(new Error("down"))],
    ["a TokenError of its own", () => Promise.reject(new TokenError("token_expired"))],
    ["undefined", () => Promise.reject()],
  ];
  test.each(failures)("changes no answer and is handled: %s", async (_, fail) => {
    const count = await unhandledIn(async () => {
      const revalidate = vi.fn(fail) as unknown as () => void;
      const other = { kid: signer.kid, cryptoKey: await importJwk((await createSigner()).jwk) };
      for (const known of [undefined, () => [other]]) {
        const set: KeySet = { find: async () => [other], ...(known && { known }), revalidate };
        const { verify, safeVerify } = over(set);
        expect(await rejection(verify(token))).toMatchObject({ code: "signature_invalid" });
        expect(await safeVerify(token)).toMatchObject({ error: { code: "signature_invalid" } });
      }
      expect(revalidate).toHaveBeenCalledTimes(4);
    });
    expect(count).toBe(0);
  });
});

describe("what a key set returns instead of keys", () => {
  test.each([
    ["an object", {}],
    ["a string", "key"],
    ["a single key", { kid: "key-1", cryptoKey: {} }],
    ["a map", new Map()],
    ["a number", 7],
    ["true", true],
    ["a function", () => []],
    ["an array of undefined", [undefined]],
    ["an array of null", [null]],
    ["an array of strings", ["key"]],
    ["an array of objects", [{}]],
    ["a key without CryptoKey", [{ kid: "key-1" }]],
    ["an empty object for a CryptoKey", [{ kid: "key-1", cryptoKey: {} }]],
    [
      "an object that looks like a CryptoKey",
      [
        {
          kid: "key-1",
          cryptoKey: {
            type: "public",
            usages: ["verify"],
            algorithm: {
              name: "RSASSA-PKCS1-v1_5",
              hash: { name: "SHA-256" },
              modulusLength: 2048,
            },
          },
        },
      ],
    ],
  ])("proves nothing, and is not blamed on the token: %s", async (_, found) => {
    for (const set of setsOf(found)) {
      const error = await rejection(over(set).verify(token));
      expect(error).toBeInstanceOf(KeySetError);
      const code = Array.isArray(found) ? "no_usable_keys" : "jwks_malformed";
      expect(error).toMatchObject({ code, status: 503 });
    }
  });

  test.each<[string, Partial<KeySet>]>([
    ["known", { known: (async () => [key]) as never }],
    ["known, which fails", { known: (() => Promise.reject(new Error("down"))) as never }],
    ["known, which fails for a token", { known: (async () => badly()) as never }],
  ])(
    "is a mistake when it is a promise of %s: it is told, and ends no process",
    async (_, more) => {
      const count = await unhandledIn(async () => {
        const find = vi.fn(async () => [key]);
        const { verify, safeVerify, verifyRequest } = over({ find, ...more });
        const request = { authorization: `Bearer ${token}` };
        for (const act of [() => verify(token), () => verifyRequest(request)]) {
          const error = await rejection(act());
          expect(error).toBeInstanceOf(KeySetError);
          expect(error).toMatchObject({ code: "jwks_malformed", status: 503 });
          const cause = (error as KeySetError).cause as Error;
          expect(cause).toBeInstanceOf(TypeError);
          expect(cause.message).toBe("known() must be an array of keys, got a promise");
        }
        expect(await safeVerify(token)).toMatchObject({ error: { code: "jwks_malformed" } });
        expect(find).not.toHaveBeenCalled();
      });
      expect(count).toBe(0);
    },
  );

  test("is named in the cause", async () => {
    const causes = [];
    for (const found of [{}, 7, undefined, null]) {
      const error = await rejection(over({ find: async () => found as never }).verify(token));
      causes.push(((error as KeySetError).cause as Error).message);
    }
    expect(causes).toEqual(
      ["object", "number", "undefined", "null"].map(
        (type) => `find() must be an array of keys, got ${type}`,
      ),
    );
  });

  test("is a mistake in prefetch and revalidate only where they fail", async () => {
    const count = await unhandledIn(async () => {
      for (const answer of [undefined, 7, "done", {}]) {
        const set = { find: async () => [key], prefetch: () => answer, revalidate: () => answer };
        await over(set as never).prefetch();
      }
      const prefetch = (): never => {
        throw new Error("down");
      };
      const keys = { find: async () => [key], prefetch };
      const pair = createVerifier(
        [
          { issuer: ISSUER, audience: AUDIENCE, keys },
          { issuer: `${ISSUER}/other`, audience: AUDIENCE, keys },
        ],
        { now },
      );
      expect(await rejection(pair.prefetch())).toMatchObject({ code: "fetch_failed" });
    });
    expect(count).toBe(0);
  });

  test.each([[undefined], [null]])("proves nothing when it finds %s", async (found) => {
    const error = await rejection(over({ find: async () => found as never }).verify(token));
    expect(error).toBeInstanceOf(KeySetError);
  });
});

function badly(): never {
  throw new TokenError("token_expired");
}

describe("an object that looks like a CryptoKey for RS256", () => {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: { name: "SHA-256" }, modulusLength: 2048 };
  const lookAlike = { type: "public", usages: ["verify"], algorithm };

  test("is left to the engine when all its fields are right", async () => {
    const verify = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
    const found = [{ kid: "key-1", cryptoKey: lookAlike }] as never;
    await expect(over({ find: async () => found }).verify(token)).resolves.toBeDefined();
    expect(verify).toHaveBeenCalledOnce();
  });

  test.each<[string, object]>([
    ["another type", { type: "secret" }],
    ["no usages", { usages: undefined }],
    ["other usages", { usages: ["encrypt"] }],
    ["no algorithm", { algorithm: undefined }],
    ["another algorithm", { algorithm: { ...algorithm, name: "RSA-PSS" } }],
    ["no hash", { algorithm: { ...algorithm, hash: undefined } }],
    ["another hash", { algorithm: { ...algorithm, hash: { name: "SHA-1" } } }],
    ["no length", { algorithm: { ...algorithm, modulusLength: undefined } }],
    ["a length just too short", { algorithm: { ...algorithm, modulusLength: 2047 } }],
  ])("never reaches the engine when it has %s", async (_, wrong) => {
    const verify = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
    for (const set of setsOf([{ kid: "key-1", cryptoKey: { ...lookAlike, ...wrong } }])) {
      const error = await rejection(over(set).verify(token));
      expect(error).toMatchObject({ code: "no_usable_keys", status: 503 });
      expect((error as KeySetError).cause).toBeInstanceOf(TypeError);
    }
    expect(verify).not.toHaveBeenCalled();
  });

  test("is called not for RS256 when it is for another algorithm", async () => {
    const cryptoKey = { ...lookAlike, algorithm: { ...algorithm, name: "RSA-PSS" } };
    const find = async (): Promise<never> => [{ kid: "key-1", cryptoKey }] as never;
    const error = await rejection(over({ find }).verify(token));
    expect((error as KeySetError).cause).toEqual(new TypeError("not for RS256"));
  });
});

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

describe("a CryptoKey that is not for RS256", () => {
  test("of another hash is never used, although its signature holds", async () => {
    for (const hash of ["SHA-384", "SHA-512"]) {
      const other = await createSigner("key-1", hash);
      const { n, e } = other.jwk;
      const algorithm = { name: RSA.name, hash };
      const jwk = { kty: "RSA", n: n as string, e: e as string };
      const cryptoKey = await crypto.subtle.importKey("jwk", jwk, algorithm, true, ["verify"]);
      await isNeverUsed(cryptoKey, await other.token(apiClaims()));
    }
  });

  test("is never used when it is private", async () => {
    await isNeverUsed(signer.privateKey, token);
  });

  test("is never used when it is for encryption", async () => {
    const usages = ["encrypt", "decrypt"] as const;
    const { publicKey } = await crypto.subtle.generateKey(
      { ...RSA, name: "RSA-OAEP", hash: "SHA-256" },
      false,
      usages,
    );
    await isNeverUsed(publicKey, token);
  });

  test("is never used when it is of another RSA scheme", async () => {
    const { publicKey } = await crypto.subtle.generateKey(
      { ...RSA, name: "RSA-PSS", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
    await isNeverUsed(publicKey, token);
  });

  test("is never used when it is a secret", async () => {
    const secret = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
    await isNeverUsed(secret, token);
  });

  test("is never used when it is of a curve", async () => {
    const { publicKey } = await crypto.subtle.generateKey(
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["sign", "verify"],
    );
    await isNeverUsed(publicKey, token);
  });

  test("is never used when it may not verify", async () => {
    const { n, e } = signer.jwk;
    const jwk = { kty: "RSA", n: n as string, e: e as string };
    const algorithm = { name: RSA.name, hash: "SHA-256" };
    await isNeverUsed(await crypto.subtle.importKey("jwk", jwk, algorithm, true, []), token);
  });

  test("is never used when its modulus is under 2048 bits", async () => {
    const { publicKey } = await crypto.subtle.generateKey(
      { ...RSA, hash: "SHA-256", modulusLength: 1024 },
      false,
      ["sign", "verify"],
    );
    await isNeverUsed(publicKey, token);
  });

  async function isNeverUsed(cryptoKey: unknown, signed: string): Promise<void> {
    const verify = vi.spyOn(crypto.subtle, "verify");
    try {
      for (const set of setsOf([{ kid: "key-1", cryptoKey }])) {
        const error = await rejection(over(set).verify(signed));
        expect(error).toBeInstanceOf(KeySetError);
        expect(error).toMatchObject({ code: "no_usable_keys", status: 503 });
      }
      expect(verify).not.toHaveBeenCalled();
    } finally {
      verify.mockRestore();
    }
  }
});
