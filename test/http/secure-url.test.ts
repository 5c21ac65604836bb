import { describe, expect, test } from "vitest";
import { createRemoteKeySet } from "../../src/index.ts";

describe("the URL of a key set", () => {
  test.each([
    "https://keys.example/jwks",
    "https://keys.example:8443/jwks?v=1",
    "http://localhost:8788/jwks",
    "http://127.0.0.1/jwks",
    "http://127.255.255.254:80/jwks",
    "http://[::1]:8788/jwks",
    new URL("https://keys.example/jwks"),
  ])("may be %s", (url) => {
    expect(() => createRemoteKeySet(url)).not.toThrow();
  });

  test.each([
    "http://keys.example/jwks",
    "http://10.0.0.1/jwks",
    "http://0.0.0.0/jwks",
    "http://[::2]/jwks",
    "http://localhost.attacker.example/jwks",
    "http://127.0.0.1.attacker.example/jwks",
    "http://127.0.0.1@attacker.example/jwks",
    "https://user:pass@keys.example/jwks",
    "https://user@keys.example/jwks",
    "https://:pass@keys.example/jwks",
    "ftp://keys.example/jwks",
    "file:///etc/jwks",
    "data:application/json,{}",
    "javascript:0",
    "keys.example/jwks",
    "/jwks",
    "https://",
    "",
    undefined,
    null,
    7,
    {},
  ])("may not be %s", (url) => {
    expect(() => createRemoteKeySet(url as string)).toThrow(TypeError);
    expect(() => createRemoteKeySet(url as string)).toThrow(/^url must be .+, got \w+/);
  });

  test("is not repeated in the refusal, because it may hold a password", () => {
    const act = (): unknown => createRemoteKeySet("https://user:hunter2@keys.example");
    expect(act).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
    );
  });
});
