// A token's text with a few edits: at the level of characters, of base64url and of the dots.
import fc from "fast-check";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The effect of one edit on a text, at a place, with another text. */
const OPERATIONS = {
  replace: (text, at, other) => text.slice(0, at) + other + text.slice(at + 1),
  insert: (text, at, other) => text.slice(0, at) + other + text.slice(at),
  remove: (text, at) => text.slice(0, at) + text.slice(at + 1),
  cut: (text, at) => text.slice(0, at),
  behead: (text, at) => text.slice(at),
  twice: (text) => text + text,
  append: (text, _, other) => text + other,
  prepend: (text, _, other) => other + text,
  empty: () => "",
  upperCase: (text) => text.toUpperCase(),
  lowerCase: (text) => text.toLowerCase(),
  standardAlphabet: (text) => text.replaceAll("-", "+").replaceAll("_", "/"),
  padded: (text) => text + "=".repeat((4 - (text.length % 4)) % 4),
  /** The last character with other unused bits. */
  trailingBits: (text, at) => {
    const value = BASE64URL.indexOf(text.at(-1));
    return value < 0 ? text : text.slice(0, -1) + BASE64URL[value ^ (1 + (at % 15))];
  },
  percent: (text, at) =>
    `${text.slice(0, at)}%${Buffer.from(text.slice(at, at + 1)).toString("hex")}${text.slice(at + 1)}`,
};

const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...BASE64URL) },
  { weight: 2, arbitrary: fc.constantFrom(..."=+/. \t\r\n\0\u200b\ufeff\u00e9\ud800~,;\"'%") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);

const edit = fc.record({
  operation: fc.constantFrom(...Object.keys(OPERATIONS)),
  /** The part to edit; 3 is the whole token. */
  part: fc.nat(3),
  at: fc.nat(2 ** 16),
  other: character,
});

const swap = fc.record({
  operation: fc.constant("swap"),
  order: fc.array(fc.nat(3), { maxLength: 4 }),
});

/** From one edit to a given number. */
export function edits(constraints) {
  return fc.array(
    fc.oneof({ weight: 12, arbitrary: edit }, { weight: 1, arbitrary: swap }),
    constraints,
  );
}

export function applyEdits(token, list) {
  return list.reduce(applyEdit, token);
}

function applyEdit(token, { operation, order, part, at, other }) {
  const parts = token.split(".");
  if (operation === "swap") return order.map((index) => parts[index] ?? "").join(".");
  const change = (text) => OPERATIONS[operation](text, at % (text.length + 1), other);
  if (part >= parts.length) return change(token);
  return parts.map((text, index) => (index === part ? change(text) : text)).join(".");
}
