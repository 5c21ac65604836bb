import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { createContext, runInContext } from "node:vm";
import { buildSync } from "esbuild";
import { describe, expect, test, vi } from "vitest";
import * as first from "../src/index.ts";
import {
  IdentityError,
  isKeySetError,
  isTokenError,
  KeySetError,
  TokenError,
  type TokenErrorCode,
} from "../src/index.ts";

type Copy = typeof first;

/** The same module, loaded a second time. */
async function secondCopy(): Promise<Copy> {
  vi.resetModules();
  return (await import("../src/index.ts")) as Copy;
}

/** The same module in CommonJS and in another realm, which has its own `Error`. */
function copyOfAnotherRealm(): Copy {
  const entryPoints = [fileURLToPath(new URL("../src/index.ts", import.meta.url))];
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: "cjs", write: false });
  const module = { exports: {} };
  const globals = { module, exports: module.exports, TextEncoder, TextDecoder, atob };
  runInContext(outputFiles[0]?.text ?? "", createContext(globals));
  return module.exports as Copy;
}

const TOKEN_CODES: readonly TokenErrorCode[] = [
  "token_missing",
  "token_ambiguous",
  "token_malformed",
  "token_too_large",
  "algorithm_not_allowed",
  "header_unsupported",
  "key_not_found",
  "signature_invalid",
  "claim_missing",
  "issuer_mismatch",
  "audience_mismatch",
  "token_expired",
  "token_not_yet_valid",
  "claim_invalid",
  "token_type_mismatch",
];

const KEY_SET_CODES: readonly first.KeySetErrorCode[] = [
  "fetch_failed",
  "fetch_timeout",
  "http_status",
  "redirected",
  "response_too_large",
  "not_json",
  "jwks_malformed",
  "no_usable_keys",
  "backing_off",
  "discovery_mismatch",
];

/** How every message ends: with the address of its entry on the errors' page. */
const pageOf = (code: string): string => `; see https://postern.example/errors.html#${code}`;

describe("a TokenError", () => {
  test.each(TOKEN_CODES)("%s is answered with 401", (code) => {
    const error = new TokenError(code);
    expect(error).toMatchObject({ name: "TokenError", code, status: 401, verified: false });
    expect(error.message).toBe(code.replaceAll("_", " ") + pageOf(code));
  });

  test("forbidden is answered with 403", () => {
    const error = new TokenError("forbidden", { verified: true });
    expect(error).toMatchObject({ code: "forbidden", status: 403, verified: true });
  });

  test("is an Error, with a stack", () => {
    const error = new TokenError("token_expired");
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toContain("errors.test.ts");
    expect(String(error)).toBe(`TokenError: token expired${pageOf("token_expired")}`);
  });

  test("has known facts as fields, and no field for unknown ones", () => {
    const facts = { claim: "aud", expected: ["app"], actual: ["other"], kid: "key-1" };
    const error = new TokenError("audience_mismatch", { ...facts, verified: true });
    expect({ ...error, actual: error.actual }).toEqual({
      name: "TokenError",
      code: "audience_mismatch",
      status: 401,
      verified: true,
      ...facts,
    });
    expect(Object.keys(new TokenError("token_missing")).sort()).toEqual([
      "code",
      "name",
      "status",
      "verified",
    ]);
  });

  test("names the claim or the part in its message, and never a value", () => {
    const details = {
      claim: "email",
      expected: "x",
      actual: "kim@acme.example",
      kid: "secret-kid",
    };
    expect(new TokenError("claim_invalid", details).message).toBe(
      `claim invalid (email)${pageOf("claim_invalid")}`,
    );
    expect(new TokenError("token_malformed", { part: "payload" }).message).toBe(
      `token malformed (payload)${pageOf("token_malformed")}`,
    );
  });

  test.each([
    [
      "token_not_yet_valid",
      "nbf",
      1000,
      1540,
      "token not yet valid (nbf is 540 s ahead of the clock)",
    ],
    ["token_expired", "exp", 4600.4, 1000, "token expired (exp is 3600 s behind the clock)"],
    ["token_expired", "iat", 90_000, 0, "token expired (iat is 90000 s behind the clock)"],
  ] as const)("%s tells how far %s is from the clock", (code, claim, expected, actual, message) => {
    expect(new TokenError(code, { claim, expected, actual }).message).toBe(message + pageOf(code));
  });

  test.each([
    { claim: "aud", expected: ["5"], actual: "7" },
    { claim: "exp", expected: "finite number", actual: 7 },
    { claim: "exp", expected: 5 },
    { claim: "exp", expected: 5, actual: "7" },
  ])("gives no difference when it lacks one of the two times: %j", (details) => {
    expect(new TokenError("claim_invalid", details).message).toBe(
      `claim invalid (${details.claim})${pageOf("claim_invalid")}`,
    );
  });

  test("keeps the token's contents out of logs, unless they are read by name", () => {
    const actual = "kim@acme.example";
    const error = new TokenError("claim_invalid", { claim: "email", actual });
    expect(error.actual).toBe(actual);
    expect(JSON.stringify(error)).not.toContain(actual);
    expect(inspect(error)).not.toContain(actual);
    expect({ ...error }).not.toHaveProperty("actual");
    expect(Object.entries(error).flat()).not.toContain(actual);
  });

  test("cuts and escapes a kid and a string from the token", () => {
    const hostile = `\u001b[31m\r\n\0\u202e\u2028"${"k".repeat(500)}`;
    const { kid, actual } = new TokenError("key_not_found", { kid: hostile, actual: hostile });
    for (const shown of [kid, actual]) {
      expect(shown).toMatch(/^[ -~]*$/);
      expect(shown).toMatch(/^\\u001b\[31m\\u000d\\u000a\\u0000\\u202e\\u2028"k+$/);
      expect((shown as string).match(/k/g)).toHaveLength(128 - hostile.indexOf("k"));
    }
  });

  test("keeps its cause", () => {
    const cause = new Error("why");
    expect(new TokenError("forbidden", { cause }).cause).toBe(cause);
    expect("cause" in new TokenError("forbidden")).toBe(false);
  });
});

describe("a KeySetError", () => {
  test.each(KEY_SET_CODES)("%s is answered with 503, whatever the endpoint answered", (code) => {
    const error = new KeySetError(code, { upstreamStatus: 403 });
    expect(error).toMatchObject({ name: "KeySetError", code, status: 503, upstreamStatus: 403 });
    expect(error.message).toBe(`${code.replaceAll("_", " ")} (403)${pageOf(code)}`);
  });

  test("says in one line where it failed and with which code", () => {
    const url = "https://kim:hunter2@keys.example/jwks?key=hunter2";
    const refused = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    const fetchFailed = new TypeError("fetch failed", { cause: refused });
    const at = "at https://keys.example/jwks";
    const failed = new KeySetError("fetch_failed", { url, cause: fetchFailed });
    expect(failed.message).toBe(`fetch failed (ECONNREFUSED) ${at}${pageOf("fetch_failed")}`);
    expect(new IdentityError("fetch_failed", { url, cause: refused }).message).toBe(failed.message);
    expect(new KeySetError("backing_off", { url, cause: failed }).message).toBe(
      `backing off (ECONNREFUSED) ${at}${pageOf("backing_off")}`,
    );
    const status = new KeySetError("http_status", { url, upstreamStatus: 503 });
    expect(status.message).toBe(`http status (503) ${at}${pageOf("http_status")}`);
    expect(new KeySetError("fetch_timeout", { url: "https://keys.example/a\nb" }).message).toBe(
      `fetch timeout at https://keys.example/a\\u000ab${pageOf("fetch_timeout")}`,
    );
  });

  test("takes no code from a malformed cause", () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    const throwing = {
      get code(): string {
        throw new Error("read");
      },
    };
    const secret = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
    const causes = [undefined, null, 7, "ENOENT", circle, throwing, { code: 7 }, { code: secret }];
    for (const cause of [...causes, { code: "A B" }, { code: "A\nB" }, { code: {} }]) {
      expect(new KeySetError("fetch_failed", { cause }).message).toMatch(
        /^fetch failed(?: \(7\))?; see \S+#fetch_failed$/,
      );
    }
  });

  test("has known facts as fields, and no field for unknown ones", () => {
    const cause = new Error("why");
    const url = "https://keys.example/jwks";
    const error = new KeySetError("http_status", {
      upstreamStatus: 500,
      retryAfterSeconds: 7,
      url,
      cause,
    });
    expect({ ...error }).toEqual({
      name: "KeySetError",
      code: "http_status",
      status: 503,
      upstreamStatus: 500,
      retryAfterSeconds: 7,
      url,
    });
    expect(error.cause).toBe(cause);
    expect(Object.keys(new KeySetError("backing_off")).sort()).toEqual(["code", "name", "status"]);
  });
});

describe("an IdentityError", () => {
  test.each([
    ["identity_refused", 401],
    ["token_malformed", 401],
    ["http_status", 503],
    ["fetch_failed", 503],
    ["fetch_timeout", 503],
    ["redirected", 503],
    ["response_too_large", 503],
    ["not_json", 503],
  ] as const)("%s is answered with %i", (code, status) => {
    const error = new IdentityError(code, { upstreamStatus: 404 });
    expect(error).toMatchObject({ name: "IdentityError", code, status, upstreamStatus: 404 });
    expect(error).toBeInstanceOf(Error);
  });
});

describe("the URL of an error", () => {
  test.each([
    ["https://keys.example/jwks", "https://keys.example/jwks"],
    ["https://keys.example/jwks?token=hunter2", "https://keys.example/jwks"],
    ["https://keys.example/jwks#hunter2", "https://keys.example/jwks"],
    ["https://keys.example?hunter2", "https://keys.example"],
    ["https://kim:hunter2@keys.example/jwks", "https://keys.example/jwks"],
    ["https://hunter2@keys.example:8443/jwks?x#y", "https://keys.example:8443/jwks"],
    ["HTTPS://kim:hun@ter2@keys.example/", "HTTPS://keys.example/"],
    ["redis://kim:hunter2@keys.example:6379/0", "redis://keys.example:6379/0"],
    ["redis+tls://kim:hunter2@keys.example/0", "redis+tls://keys.example/0"],
    ["https://keys.example/@kim/jwks", "https://keys.example/@kim/jwks"],
    ["https://keys.example/a\n?hunter2\nmore", "https://keys.example/a\n"],
  ])("of %j shows no userinfo, query or fragment", (url, shown) => {
    expect(new KeySetError("fetch_failed", { url }).url).toBe(shown);
    expect(new IdentityError("fetch_failed", { url }).url).toBe(shown);
  });
});

describe("across copies of the library", () => {
  test.each([
    ["another copy", secondCopy],
    ["a CommonJS copy of another realm", async () => copyOfAnotherRealm()],
  ])("guards and instanceof know the errors of %s", async (_, load) => {
    const other = await load();
    expect(other.TokenError).not.toBe(TokenError);
    for (const [one, two] of [
      [first, other],
      [other, first],
    ] as const) {
      const token = new two.TokenError("token_expired");
      const keySet = new two.KeySetError("backing_off");
      const identity = new two.IdentityError("identity_refused");
      expect([one.isTokenError(token), one.isKeySetError(token)]).toEqual([true, false]);
      expect([one.isTokenError(keySet), one.isKeySetError(keySet)]).toEqual([false, true]);
      expect([one.isTokenError(identity), one.isKeySetError(identity)]).toEqual([false, false]);
      const families = [one.TokenError, one.KeySetError, one.IdentityError];
      expect(families.map((family) => token instanceof family)).toEqual([true, false, false]);
      expect(families.map((family) => keySet instanceof family)).toEqual([false, true, false]);
      expect(families.map((family) => identity instanceof family)).toEqual([false, false, true]);
    }
  });

  test("the brand is not enumerable or printed", () => {
    const error = new TokenError("token_expired");
    expect(Object.getOwnPropertySymbols({ ...error })).toEqual([]);
    expect(inspect(error)).not.toContain("Symbol");
  });
});

describe("an application's own subclass", () => {
  class QuotaError extends TokenError {}
  class StoreError extends KeySetError {}

  test("keeps the ordinary meaning of instanceof", () => {
    expect(new QuotaError("forbidden")).toBeInstanceOf(QuotaError);
    expect(new TokenError("forbidden")).not.toBeInstanceOf(QuotaError);
    expect(new KeySetError("fetch_failed")).not.toBeInstanceOf(StoreError);
  });

  test("belongs to the family that it extends", () => {
    expect(new QuotaError("forbidden")).toBeInstanceOf(TokenError);
    expect(isKeySetError(new StoreError("fetch_failed"))).toBe(true);
  });
});

describe("the guards", () => {
  test.each([
    undefined,
    null,
    0,
    "TokenError",
    Symbol.for("postern.TokenError"),
    {},
    Object.create(null),
    new Error("token expired"),
    { name: "TokenError", code: "token_expired", status: 401 },
    { ...new TokenError("token_expired") },
    JSON.parse(JSON.stringify(new KeySetError("backing_off"))),
    () => {},
  ])("reject %s", (value) => {
    expect(isTokenError(value)).toBe(false);
    expect(isKeySetError(value)).toBe(false);
    expect(value instanceof TokenError).toBe(false);
    expect(value instanceof KeySetError).toBe(false);
    expect(value instanceof IdentityError).toBe(false);
  });
});
