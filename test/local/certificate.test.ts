import { generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { selfSigned } from "../../src/local/certificate.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const spki = publicKey.export({ type: "spki", format: "der" });

async function certificate(now: string): Promise<X509Certificate> {
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
  const rs256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, rs256, false, ["sign"]);
  const facts = { name: "Postern", serial: Buffer.from("00ff", "hex"), now: Date.parse(now) };
  return new X509Certificate(selfSigned({ privateKey: key, spki }, facts));
}

it("says whose key it is, from when and for how long", async () => {
  const read = await certificate("2026-02-03T04:05:06Z");
  expect(read.subject).toBe("CN=Postern");
  expect(read.issuer).toBe("CN=Postern");
  expect(read.serialNumber).toBe("0100FF");
  expect(new Date(read.validFrom).toISOString()).toBe("2026-02-03T04:05:06.000Z");
  expect(new Date(read.validTo).toISOString()).toBe("2026-03-24T04:05:06.000Z");
  expect(read.publicKey.equals(publicKey)).toBe(true);
  expect(read.verify(publicKey)).toBe(true);
});

it("can be dated after 2049, where the form of a date changes", async () => {
  const read = await certificate("2049-12-31T00:00:00Z");
  expect(new Date(read.validFrom).toISOString()).toBe("2049-12-31T00:00:00.000Z");
  expect(new Date(read.validTo).toISOString()).toBe("2050-02-18T00:00:00.000Z");
});
