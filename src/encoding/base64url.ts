const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/**
 * Strict base64url (RFC 7515 section 2, RFC 4648 sections 3.5 and 5): no padding, no white space,
 * no `+` or `/`, no non-zero trailing bits, so that a byte string has exactly one spelling.
 *
 * @returns `undefined` for anything else.
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  const tail = length & 3;
  if (tail === 1) return undefined;
  const bytes = new Uint8Array((length * 3) >> 2);
  const whole = length - tail;
  let at = 0;
  // Negative as soon as a code unit is not of the alphabet: the sign bit is never shifted out.
  let wrong = 0;
  for (let index = 0; index < whole; index += 4) {
    const group =
      (valueAt(text, index) << 18) |
      (valueAt(text, index + 1) << 12) |
      (valueAt(text, index + 2) << 6) |
      valueAt(text, index + 3);
    wrong |= group;
    bytes[at] = group >> 16;
    bytes[at + 1] = group >> 8;
    bytes[at + 2] = group;
    at += 3;
  }
  if (tail > 0) {
    const last = tail === 3 ? valueAt(text, whole + 2) : 0;
    const group = (valueAt(text, whole) << 18) | (valueAt(text, whole + 1) << 12) | (last << 6);
    const spare = group & (tail === 3 ? 0xff : 0xffff);
    wrong |= group | -spare;
    bytes[at] = group >> 16;
    if (tail === 3) bytes[at + 1] = group >> 8;
  }
  return wrong < 0 ? undefined : bytes;
}

/** The six bits that a code unit stands for, or -1. */
function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? -1;
}

/** Base64url without padding (RFC 7515 section 2). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
