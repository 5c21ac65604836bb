import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  decodeBase64Url,
  decodeBase64UrlText,
  decodeWithin,
  encodeBase64Url,
  writeAscii,
} from "../../src/encoding/base64url.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// RFC 4648 section 10, without the padding.
const KNOWN: readonly [text: string, encoded: string][] = [
  ["", ""],
  ["f", "Zg"],
  ["fo", "Zm8"],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg"],
  ["fooba", "Zm9vYmE"],
  ["foobar", "Zm9vYmFy"],
];

describe("writeAscii", () => {
  test("writes one byte for each character, up to the given room", () => {
    const bytes = new Uint8Array(4);
    expect(writeAscii("abc", bytes)).toBe(true);
    expect([...bytes]).toEqual([97, 98, 99, 0]);
    expect(writeAscii("abcd", bytes)).toBe(true);
    expect(writeAscii("", bytes)).toBe(true);
  });

  test.each(["abcde", "é", "abcé", "a\ud800"])("does not fit %j into four bytes", (text) => {
    expect(writeAscii(text, new Uint8Array(4))).toBe(false);
  });
});

describe("decodeBase64Url", () => {
  test.each(KNOWN)("reads the RFC 4648 vector of %j", (text, encoded) => {
    expect(decodeBase64Url(encoded)).toEqual(new Uint8Array(Buffer.from(text)));
  });

  test("reads the example of RFC 7515 appendix C, which uses both - and _", () => {
    expect(decodeBase64Url("A-z_4ME")).toEqual(new Uint8Array([3, 236, 255, 224, 193]));
  });

  test("agrees with another decoder on every length up to 260 bytes", () => {
    for (let length = 0; length <= 260; length++) {
      const bytes = randomBytes(length);
      const decoded = decodeBase64Url(bytes.toString("base64url"));
      expect(decoded).toEqual(new Uint8Array(bytes));
    }
  });

  test("takes exactly the 64 characters of the alphabet, at every position", () => {
    for (const place of [0, 1, 2, 3]) {
      const accepted: string[] = [];
      for (let code = 0; code < 0x10000; code++) {
        const character = String.fromCharCode(code);
        const text = `${"A".repeat(place)}${character}${"A".repeat(3 - place)}`;
        if (decodeBase64Url(text) !== undefined) accepted.push(character);
      }
      expect(accepted.sort()).toEqual([...ALPHABET].sort());
    }
  });

  test.each([2, 3])("takes no other code unit in a tail of %i", (length) => {
    // "A" is six zero bits, so no bit is left over: only the alphabet decides.
    for (let place = 0; place < length; place++) {
      const accepted: string[] = [];
      for (let code = 0; code < 0x10000; code++) {
        const characters = new Array<string>(length).fill("A");
        characters[place] = String.fromCharCode(code);
        if (decodeBase64Url(characters.join("")) !== undefined) {
          accepted.push(String.fromCharCode(code));
        }
      }
      for (const character of accepted) expect(ALPHABET).toContain(character);
    }
  });

  test.each(["A", "AAAAA", "AAAAAAAAA"])(
    "refuses %j, because no bytes have that length",
    (text) => {
      expect(decodeBase64Url(text)).toBeUndefined();
    },
  );

  test.each([
    ["padding", "Zg=="],
    ["padding of one", "Zm8="],
    ["only padding", "===="],
    ["a space before", " Zm9v"],
    ["a space after", "Zm9v "],
    ["white space that makes a whole quadruple", "Zm9 "],
    ["a line feed within", "Zm\n9v"],
    ["a carriage return and line feed after", "Zm9v\r\n"],
    ["a tab", "Zm\t9"],
    ["a NUL", "Zm9\0"],
    ["+ of the other alphabet", "Zm+v"],
    ["/ of the other alphabet", "Zm/v"],
    ["a dot", "Zm.v"],
    ["a character whose low byte is A", "Zm9\u0141"],
    ["a character whose low seven bits are A", "Zm9\u00c1"],
    ["a full-width A", "Zm9\uff21"],
    ["a lone surrogate", "Zm9\ud841"],
    ["a character outside the plane", "Zm\u{1f600}"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });

  test("refuses stray bits after the last byte, so that bytes have one spelling", () => {
    for (const [index, character] of [...ALPHABET].entries()) {
      const one = decodeBase64Url(`A${character}`);
      if (index % 16 === 0) expect(one).toEqual(new Uint8Array([index >> 4]));
      else expect(one).toBeUndefined();
      const two = decodeBase64Url(`AA${character}`);
      if (index % 4 === 0) expect(two).toEqual(new Uint8Array([0, index >> 2]));
      else expect(two).toBeUndefined();
    }
  });
});

describe("decodeWithin", () => {
  test.each([0, 1, 2, 3])("reads only the characters between two places, from %i on", (start) => {
    for (const [text, encoded] of KNOWN) {
      // A dot is not base64url: it must not be read, on either side.
      const spelt = `${".".repeat(start)}${encoded}....`;
      const bytes = new Uint8Array(Buffer.from(spelt));
      const decoded = decodeWithin(bytes, start, start + encoded.length, 0);
      expect(Buffer.from(decoded ?? []).toString()).toBe(text);
    }
  });

  test("writes where it is told to, and nothing else", () => {
    const bytes = new Uint8Array(Buffer.from(".Zm9vYg.~~~~~~"));
    const decoded = decodeWithin(bytes, 1, 7, 9);
    expect(Buffer.from(decoded ?? []).toString()).toBe("foob");
    expect(Buffer.from(bytes).toString()).toBe(".Zm9vYg.~foob~");
  });
});

describe("encodeBase64Url", () => {
  test.each(KNOWN)("writes the RFC 4648 vector of %j", (text, encoded) => {
    expect(encodeBase64Url(new Uint8Array(Buffer.from(text)))).toBe(encoded);
  });

  test("writes every byte value, without padding and without + or /", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
  });

  test("writes a megabyte without overflowing the stack", () => {
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_, at) => at);
    expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
  });
});

describe("decodeBase64UrlText", () => {
  const spell = (bytes: Iterable<number>): string => encodeBase64Url(Uint8Array.from(bytes));
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

  test.each(["", "ascii", "é€😀", "\ufeffa byte order mark is kept for JSON to refuse"])(
    "reads %j",
    (text) => {
      expect(decodeBase64UrlText(spell(utf8(text)))).toBe(text);
    },
  );

  test.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a truncated sequence", [0xe2, 0x82]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code point past U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that UTF-8 never uses", [0xff]],
  ])("refuses %s", (_, bytes) => {
    expect(
      decodeBase64UrlText(spell([...utf8('{"a":"'), ...bytes, ...utf8('"}')])),
    ).toBeUndefined();
  });

  test.each(
    ["YQ==", "YR", "YWJ", "Y W", "YQ\n", "é", "A"].concat(
      // With white space where four characters or none would decode, and with the other alphabet.
      ["YWJj\n", "YWJj=", "++++", "////", "YW+j", "YW/j", "-_+_", "+-Q"],
    ),
  )("refuses the spelling %j", (text) => {
    expect(decodeBase64UrlText(text)).toBeUndefined();
  });

  test("reads the valid UTF-8 that the byte decoder reads, for any character at any position", () => {
    for (let code = 0; code < 0x300; code++) {
      const character = String.fromCharCode(code);
      const texts = [`${character}A`, `A${character}A`, `AA${character}A`, `AAA${character}`];
      for (const text of texts) {
        const bytes = decodeBase64Url(text);
        const isText = bytes !== undefined && isUtf8(bytes);
        expect(decodeBase64UrlText(text)).toBe(isText ? Buffer.from(bytes).toString() : undefined);
      }
    }
  });

  test("reads both characters in which it differs from plain base64", () => {
    expect(decodeBase64UrlText("fn5-fz9_")).toBe("~~~\x7f?\x7f");
  });
});
