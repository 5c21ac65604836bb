import { sign, type webcrypto } from "node:crypto";

/** How long the vendor uses a key: six weeks, and one more as the previous one. */
const LIFE_MS = 7 * 7 * 86_400_000;

// sha256WithRSAEncryption, 1.2.840.113549.1.1.11 (RFC 4055 section 5)
const SHA256_WITH_RSA = Buffer.from("300d06092a864886f70d01010b0500", "hex");
// id-at-commonName, 2.5.4.3 (RFC 5280 appendix A)
const COMMON_NAME = Buffer.from("0603550403", "hex");

/**
 * A self-signed certificate of a key (RFC 5280 section 4.1), in PEM: the certs endpoint gives every
 * key in this form too, and some programs read only that.
 */
export function selfSigned(
  { privateKey, spki }: { privateKey: webcrypto.CryptoKey; spki: Uint8Array },
  { name, serial, now }: { name: string; serial: Uint8Array; now: number },
): string {
  const names = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(name)))));
  const certificate = der(
    0x30,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    // The leading byte keeps the number positive.
    der(0x02, Uint8Array.of(0x01), serial),
    SHA256_WITH_RSA,
    names,
    der(0x30, time(now), time(now + LIFE_MS)),
    names,
    spki,
  );
  const signature = sign("sha256", certificate, { key: privateKey as never });
  const bytes = der(0x30, certificate, SHA256_WITH_RSA, der(0x03, Uint8Array.of(0), signature));
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** A tag, a length and a value (ITU-T X.690 section 8.1). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), value]);
}

/** GeneralizedTime, which a certificate may hold from 2050 on, else UTCTime (RFC 5280 section 4.1.2.5). */
function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  return digits < "2050" ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
