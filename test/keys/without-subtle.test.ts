import { afterEach, expect, test, vi } from "vitest";
import {
  createRemoteKeySet,
  createVerifier,
  decodeUnverified,
  importJwk,
  jwkThumbprint,
  jwkToPem,
} from "../../src/index.ts";
import { memoryStore, withStore } from "../../src/stores/index.ts";
import { createTestIssuer } from "../../src/testing/index.ts";
import { publicJwk } from "../support/public-jwk.ts";

const jwk = publicJwk("first");
const team = { team: "acme", audience: "a".repeat(64) };

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each<[string, () => unknown]>([
  ["a verifier of a team", () => createVerifier(team)],
  ["a verifier with keys of its own", () => createVerifier({ ...team, keys: { keys: [jwk] } })],
  ["a verifier of several", () => createVerifier([team, { ...team, team: "globex" }])],
  ["a key", () => importJwk(jwk)],
  ["a PEM", () => jwkToPem(jwk)],
  ["a thumbprint", () => jwkThumbprint(jwk)],
  ["a store", () => withStore(memoryStore())],
  ["a test issuer", () => createTestIssuer()],
])(
  "without crypto.subtle %s is refused at once, and the message says what is needed",
  async (_, make) => {
    for (const crypto of [{}, undefined]) {
      vi.stubGlobal("crypto", crypto);
      await expect(async () => make()).rejects.toThrow(
        new TypeError(
          "crypto.subtle must be there: a page needs a secure context, https or localhost",
        ),
      );
    }
  },
);

test("without crypto.subtle, what does not use it still works", () => {
  vi.stubGlobal("crypto", undefined);
  expect(decodeUnverified("eyJhbGciOiJSUzI1NiJ9.e30.").header).toEqual({ alg: "RS256" });
  expect(createRemoteKeySet("https://issuer.example/jwks").state.standing).toBe("none");
});
