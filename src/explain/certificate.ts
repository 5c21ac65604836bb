/** One element in DER (ITU-T X.690 section 8.1). */
interface Element {
  readonly tag: number;
  /** The tag, the length and the content. */
  readonly whole: Uint8Array<ArrayBuffer>;
  readonly content: Uint8Array<ArrayBuffer>;
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;

/**
 * Returns the SubjectPublicKeyInfo of an X.509 certificate (RFC 5280 section 4.1), or `undefined`. It
 * ignores the rest of the certificate, which proves nothing here.
 */
export function publicKeyOf(
  certificate: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  const [whole] = elements(certificate);
  const [signed] = whole?.tag === SEQUENCE ? elements(whole.content) : [];
  if (signed?.tag !== SEQUENCE) return undefined;
  const fields = elements(signed.content);
  // version?, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
  const key = fields[fields[0]?.tag === VERSION ? 6 : 5];
  return key?.tag === SEQUENCE ? key.whole : undefined;
}

/** Reads the elements one after the other, and stops at the first incomplete one. */
function elements(bytes: Uint8Array<ArrayBuffer>): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes[at] as number;
    const short = bytes[at + 1] as number;
    // In the long form, this is the number of bytes of the length. 3 bytes allow 16 MB.
    const size = short < 0x80 ? 0 : short - 0x80;
    if (size > 3) break;
    let length = size === 0 ? short : 0;
    for (const byte of bytes.subarray(at + 2, at + 2 + size)) length = length * 256 + byte;
    const from = at + 2 + size;
    const to = from + length;
    if (to > bytes.length) break;
    found.push({ tag, whole: bytes.slice(at, to), content: bytes.slice(from, to) });
    at = to;
  }
  return found;
}
