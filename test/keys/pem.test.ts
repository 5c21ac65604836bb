import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Jwk, jwkToPem } from "../../src/index.ts";
import { rejection } from "../support/issuer.ts";

describe("jwkToPem", () => {
  test.each([2048, 3072])(
    "writes what another implementation writes, for %i bits",
    async (bits) => {
      const { publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
      const jwk = publicKey.export({ format: "jwk" }) as Jwk;
      expect(await jwkToPem(jwk)).toBe(publicKey.export({ type: "spki", format: "pem" }));
    },
  );

  test("writes what another implementation reads (RFC 7468 section 13)", async () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = publicKey.export({ format: "jwk" }) as Jwk;
    const pem = await jwkToPem({ ...jwk, kid: "key-1", use: "sig", alg: "RS256" });
    expect(createPublicKey(pem).equals(publicKey)).toBe(true);
    const [first, ...lines] = pem.trimEnd().split("\n");
    expect([first, lines.pop()]).toEqual([
      "-----BEGIN PUBLIC KEY-----",
      "-----END PUBLIC KEY-----",
    ]);
    for (const line of lines.slice(0, -1)) expect(line).toHaveLength(64);
  });

  test("refuses a private key, and does not write it out as a public one", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = privateKey.export({ format: "jwk" }) as Jwk;
    const error = await rejection(jwkToPem(jwk));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain("private members");
  });
});
