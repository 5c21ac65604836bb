const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const VALUES: Uint8Array = new Uint8Array(128);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

// Malformed UTF-8 throws; a byte order mark is kept, and JSON then refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Strict base64url (RFC 7515 section 2, RFC 4648 sections 3.5 and 5): no padding, no white space,
 * no `+` or `/`, no non-zero trailing bits, so that a byte string has exactly one spelling.
 */
export function isBase64Url(text: string): boolean {
  const tail = text.length & 3;
  if (tail === 1 || !/^[\w-]*$/.test(text)) return false;
  const unused = tail === 2 ? 0b1111 : 0b11;
  return tail === 0 || (valueAt(text, text.length - 1) & unused) === 0;
}

/** How many bytes so many characters spell. */
export function decodedLength(length: number): number {
  return (length * 3) >> 2;
}

/** Decodes what {@link isBase64Url} accepted into a buffer, from a place on. */
export function decodeInto(bytes: Uint8Array, start: number, text: string): void {
  let at = start;
  let bits = 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    bits = (bits << 6) | valueAt(text, index);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
}

/** The bytes that strict base64url spells, else `undefined`. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!isBase64Url(text)) return undefined;
  const bytes = new Uint8Array(decodedLength(text.length));
  decodeInto(bytes, 0, text);
  return bytes;
}

/**
 * The UTF-8 text that strict base64url spells, else `undefined`. For text the runtime's own `atob` is
 * faster than a table (`npm --prefix bench start` measures it); what it is too lenient
 * about was refused before.
 */
export function decodeBase64UrlText(text: string): string | undefined {
  if (!isBase64Url(text)) return undefined;
  const latin1 = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (/^[\0-\x7f]*$/.test(latin1)) return latin1;
  try {
    return utf8.decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Base64 with its padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Base64url without padding (RFC 7515 section 2). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The six bits that a character of the alphabet stands for. */
function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] as number;
}
