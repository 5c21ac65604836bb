/** Bytes in the type that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const NULL = tlv(0x05);
const RSA_ENCRYPTION = hex("06092a864886f70d010101"); // 1.2.840.113549.1.1.1
const SHA256_WITH_RSA = hex("06092a864886f70d01010b"); // 1.2.840.113549.1.1.11
const COMMON_NAME = hex("0603550403"); // 2.5.4.3

/** An RSA public key without its algorithm (RFC 8017 appendix A.1.1). */
export function pkcs1(n: Bytes, e: Bytes): Bytes {
  return sequence(integer(n), integer(e));
}

/** An RSA public key with its algorithm, as in certificates (RFC 5280 section 4.1). */
export function spki(n: Bytes, e: Bytes): Bytes {
  return sequence(sequence(RSA_ENCRYPTION, NULL), bitString(pkcs1(n, e)));
}

/** The contents of a self-signed certificate. Times are ms since the epoch. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly spki: Bytes;
  readonly serial: Bytes;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A self-signed X.509 certificate, version 1 (RFC 5280 section 4.1). */
export async function selfSigned(
  facts: CertificateFacts,
  sign: (bytes: Bytes) => Promise<Bytes>,
): Promise<Bytes> {
  const algorithm = sequence(SHA256_WITH_RSA, NULL);
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, utf8(facts.commonName)))));
  const validity = sequence(time(facts.notBefore), time(facts.notAfter));
  const body = sequence(integer(facts.serial), algorithm, name, validity, name, facts.spki);
  return sequence(body, algorithm, bitString(await sign(body)));
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

export function hex(digits: string): Bytes {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function tlv(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = concat(...contents);
  return concat(Uint8Array.of(tag), lengthOf(content), content);
}

/** Short form below 128, else the long form (X.690 section 8.1.3). */
function lengthOf({ length }: Uint8Array): Bytes {
  if (length < 0x80) return Uint8Array.of(length);
  const digits = length.toString(16);
  const bytes = hex(digits.padStart(digits.length + (digits.length % 2), "0"));
  return concat(Uint8Array.of(0x80 | bytes.length), bytes);
}

function sequence(...contents: readonly Uint8Array[]): Bytes {
  return tlv(0x30, ...contents);
}

/** A positive integer. If its first bit is set, a zero byte comes first (X.690 section 8.3). */
function integer(bytes: Bytes): Bytes {
  return (bytes[0] ?? 0) >= 0x80 ? tlv(0x02, Uint8Array.of(0), bytes) : tlv(0x02, bytes);
}

function bitString(bytes: Bytes): Bytes {
  return tlv(0x03, Uint8Array.of(0), bytes);
}

/** UTCTime until 2049, and GeneralizedTime after that (RFC 5280 section 4.1.2.5). */
function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(0, 14);
  return digits < "2050" ? tlv(0x17, utf8(`${digits.slice(2)}Z`)) : tlv(0x18, utf8(`${digits}Z`));
}
