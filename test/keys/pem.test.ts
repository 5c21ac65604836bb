import { createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { jwkToPem } from "../../src/index.ts";
import { createPrivateJwk } from "../../src/testing/index.ts";
import { rejection } from "../support/issuer.ts";
import { publicJwk } from "../support/public-jwk.ts";

describe("jwkToPem", () => {
  test.each([2048, 3072])(
    "writes what another implementation writes, for %i bits",
    async (bits) => {
      const jwk = publicJwk("key-1", "material", bits);
      const publicKey = createPublicKey({ key: jwk as never, format: "jwk" });
      expect(await jwkToPem(jwk)).toBe(publicKey.export({ type: "spki", format: "pem" }));
    },
  );

  test("writes what another implementation reads (RFC 7468 section 13)", async () => {
    const jwk = publicJwk("key-1");
    const publicKey = createPublicKey({ key: jwk as never, format: "jwk" });
    const pem = await jwkToPem(jwk);
    expect(createPublicKey(pem).equals(publicKey)).toBe(true);
    const [first, ...lines] = pem.trimEnd().split("\n");
    expect([first, lines.pop()]).toEqual([
      "-----BEGIN PUBLIC KEY-----",
      "-----END PUBLIC KEY-----",
    ]);
    for (const line of lines.slice(0, -1)) expect(line).toHaveLength(64);
  });

  test("refuses a private key, and does not write it out as a public one", async () => {
    const jwk = await createPrivateJwk();
    const error = await rejection(jwkToPem(jwk));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain("private members");
  });
});
