import { type Attacks, type Forge, type HostileToken, partsOf } from "./forge.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * A genuine token, written differently. Base64url here has no padding, white space or other additional
 * characters (RFC 7515 sections 2 and 5.2). If a token can be written in several ways, it is not found in
 * a list of revoked tokens, and two programs can read it differently.
 *
 * White space at the ends is not tried, because HTTP removes it from a header.
 */
export const spellingAttacks: Attacks = async function* (forge) {
  const { genuine } = forge;
  const [first, payload, signature] = partsOf(genuine);
  const signed = `${first}.${payload}`;
  const middle = signature.length >> 1;
  const insert = (text: string): string =>
    `${signed}.${signature.slice(0, middle)}${text}${signature.slice(middle)}`;
  const spellings: readonly (readonly [name: string, token: string, what: string])[] = [
    ["padding", `${genuine}${padding(signature)}`, "The signature is padded with ="],
    [
      "padding-everywhere",
      [first, payload, signature].map((part) => part + padding(part)).join("."),
      "Every part is padded with =",
    ],
    [
      "trailing-bits",
      `${signed}.${withTrailingBit(signature)}`,
      "The last letter has an unused bit that is set",
    ],
    [
      "trailing-junk",
      `${genuine}!`,
      "A character outside the alphabet follows, which lenient decoders skip",
    ],
    ["trailing-fragment", `${genuine}#x`, "A fragment follows, as in a URL"],
    ["space", insert(" "), "A space is in the middle"],
    ["space-after-dot", `${first}. ${payload}.${signature}`, "A space comes after a dot"],
    ["tab", insert("\t"), "A tab is in the middle"],
    ["newline", insert("\n"), "A line break is in the middle"],
    ["folded", genuine.replace(/.{76}/g, "$&\r\n"), "It is broken into lines, as in a mail"],
    [
      "trailing-newline-in-header",
      `${first}\n.${payload}.${signature}`,
      "A line break comes before the first dot",
    ],
    ["nul", insert("\0"), "A NUL is in the middle"],
    ["trailing-nul", `${genuine}\0`, "A NUL follows, and strings in C end there"],
    ["byte-order-mark", `\xef\xbb\xbf${genuine}`, "The bytes of a byte order mark come before it"],
    [
      "byte-order-mark-inside",
      `${first}.\ufeff${payload}.${signature}`,
      "A byte order mark comes before the payload",
    ],
    [
      "percent-encoded-dots",
      `${first}%2E${payload}%2E${signature}`,
      "Its dots are percent-encoded",
    ],
    [
      "percent-encoded-letter",
      `${signed}.%${signature.charCodeAt(0).toString(16)}${signature.slice(1)}`,
      "A letter is percent-encoded",
    ],
    [
      "wide-letter",
      `${signed}.${String.fromCharCode(signature.charCodeAt(0) + 0x100)}${signature.slice(1)}`,
      "A character is outside Latin-1, and becomes the right one if it is cut to one byte",
    ],
    ["zero-width", insert("\u200b"), "A zero-width space is in the middle"],
  ];
  for (const [name, token, what] of spellings) {
    yield { name: `spelling-${name}`, token, why: `${what}. ${ONE_SPELLING}` };
  }
  yield* standardAlphabet(forge);
};

const ONE_SPELLING =
  "A token can be written in only one way: base64url without line breaks, white space, padding or other characters (RFC 7515 sections 2 and 5.2, RFC 7519 section 7.2).";

/** Uses + and / instead of - and _. Signs again until the signature contains one of them. */
async function* standardAlphabet({
  claims,
  signed,
}: Forge): AsyncGenerator<HostileToken, void, void> {
  for (let jti = 0; jti < 64; jti++) {
    const [first, payload, signature] = partsOf(await signed({ ...claims, jti: String(jti) }));
    if (!/[-_]/.test(signature)) continue;
    const standard = signature.replaceAll("-", "+").replaceAll("_", "/");
    yield {
      name: "spelling-standard-base64",
      token: `${first}.${payload}.${standard}`,
      why: `The signature is in base64, not base64url. ${ONE_SPELLING}`,
    };
    return;
  }
}

/** The padding of base64. If none is needed, four characters too many. */
function padding(part: string): string {
  return "=".repeat(4 - (part.length % 4));
}

/** Sets the lowest unused bit. The last letter of a 256-byte signature has four of them. */
function withTrailingBit(part: string): string {
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.slice(-1)) | 1];
}
