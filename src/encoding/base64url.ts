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
  let codes = 0; // every code unit seen, or-ed: above 127 when one is not ASCII
  let wrong = 0; // negative when a code unit is not of the alphabet
  const value = (index: number): number => {
    const code = text.charCodeAt(index);
    codes |= code;
    return VALUES[code] as number;
  };
  for (let index = 0; index < whole; index += 4) {
    const a = value(index);
    const b = value(index + 1);
    const c = value(index + 2);
    const d = value(index + 3);
    wrong |= a | b | c | d;
    bytes[at++] = (a << 2) | (b >> 4);
    bytes[at++] = (b << 4) | (c >> 2);
    bytes[at++] = (c << 6) | d;
  }
  if (tail > 0) {
    const a = value(whole);
    const b = value(whole + 1);
    const c = tail === 3 ? value(whole + 2) : 0;
    const spare = tail === 3 ? c & 3 : b & 15;
    wrong |= a | b | c | -spare;
    bytes[at++] = (a << 2) | (b >> 4);
    if (tail === 3) bytes[at] = (b << 4) | (c >> 2);
  }
  return wrong < 0 || codes > 127 ? undefined : bytes;
}

/** Base64url without padding (RFC 7515 section 2). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
