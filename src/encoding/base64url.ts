const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The value of a byte, -1 where it is not of the alphabet.
const VALUES: Int8Array = new Int8Array(256).fill(-1);
[...ALPHABET].forEach((character, value) => {
  VALUES[character.charCodeAt(0)] = value;
});

const ascii = new TextEncoder();
// Malformed UTF-8 throws; a byte order mark is kept, and JSON then refuses it (RFC 8259 section 8.1).
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Never read: encoding into it shows whether a text is ASCII, in a third of the time of a regular expression. */
const SCRATCH = new Uint8Array(8192);

/** Writes a text, one byte per character; `false` when it is not ASCII or does not fit. */
export function writeAscii(text: string, bytes: Uint8Array<ArrayBuffer>): boolean {
  const { read, written } = ascii.encodeInto(text, bytes);
  return read === text.length && written === read;
}

/**
 * Strict base64url (RFC 7515 section 2, RFC 4648 sections 3.5 and 5): no padding, no white space,
 * no `+` or `/`, no non-zero trailing bits, so that a byte string has exactly one spelling.
 *
 * Decodes the characters from `start` to `end`, and writes the result from `at` on, which may be the
 * same place. A new buffer would cost more than the decoding.
 *
 * @returns the result, a part of the same buffer, or `undefined` when the text is not base64url
 */
export function decodeWithin(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
  at: number,
): Uint8Array<ArrayBuffer> | undefined {
  const valueAt = (index: number): number => VALUES[bytes[index] as number] as number;
  const tail = (end - start) & 3;
  let from = start;
  let to = at;
  // Negative once a character is not of the alphabet.
  let seen = tail === 1 ? -1 : 0;
  for (; from < end - tail; from += 4) {
    const one = valueAt(from);
    const two = valueAt(from + 1);
    const three = valueAt(from + 2);
    const four = valueAt(from + 3);
    seen |= one | two | three | four;
    bytes[to++] = (one << 2) | (two >> 4);
    bytes[to++] = (two << 4) | (three >> 2);
    bytes[to++] = (three << 6) | four;
  }
  if (tail >= 2) {
    const one = valueAt(from);
    const two = valueAt(from + 1);
    const three = tail === 3 ? valueAt(from + 2) : 0;
    seen |= one | two | three;
    bytes[to++] = (one << 2) | (two >> 4);
    if (tail === 3) bytes[to++] = (two << 4) | (three >> 2);
    const unused = tail === 2 ? two & 0b1111 : three & 0b11;
    if (unused !== 0) return undefined;
  }
  return seen < 0 ? undefined : bytes.subarray(at, to);
}

/** Decodes strict base64url; `undefined` for any other text. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length);
  return writeAscii(text, bytes) ? decodeWithin(bytes, 0, bytes.length, 0) : undefined;
}

/**
 * Decodes strict base64url to UTF-8 text; `undefined` for any other input. For text the runtime's
 * `atob` is faster than a table. The spellings that only `atob` accepts are refused here.
 */
export function decodeBase64UrlText(text: string): string | undefined {
  const latin1 = decodeStrictly(text);
  // ASCII needs no decoding. A text longer than the scratch buffer is always decoded.
  if (latin1 === undefined || writeAscii(latin1, SCRATCH)) return latin1;
  try {
    // Not from `latin1`: iterating over a string takes five times as long as decoding again.
    return utf8.decode(decodeBase64Url(text));
  } catch {
    // Malformed UTF-8.
  }
  return undefined;
}

// Captured at load: code that wraps it later sees no token.
const { atob } = globalThis;

/** One character for each byte, by `atob`. */
function decodeStrictly(text: string): string | undefined {
  const tail = text.length & 3;
  if (tail === 1 || text.includes("+") || text.includes("/")) return undefined;
  let latin1: string;
  try {
    const plus = text.includes("-") ? text.replaceAll("-", "+") : text;
    latin1 = atob(plus.includes("_") ? plus.replaceAll("_", "/") : plus);
  } catch {
    return undefined;
  }
  // `atob` skips white space and padding, so the output is then too short. (Only a tail of one character
  // could hide that, and it was refused above.)
  if (latin1.length !== (text.length * 3) >> 2) return undefined;
  const last = VALUES[text.charCodeAt(text.length - 1)] ?? 0;
  const unused = [0, 0, 0b1111, 0b11][tail] as number;
  return (last & unused) === 0 ? latin1 : undefined;
}

/** Base64 with its padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Base64url without padding (RFC 7515 section 2). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
