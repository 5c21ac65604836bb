// A JSON object with a few edits: at the level of its members, of its text and of its bytes.
import fc from "fast-check";

/** Values that a lax reader may misread, as JSON text. */
const ODD = [
  ...["null", "true", "false", "0", "-0", "1", "1e3", "1e999", "-1e999", "0.1", '""', '" "', '"0"'],
  ...["[]", "{}", "[[]]", "[null]", '"\\u0000"', '"\\ud800"', '{"__proto__":{}}', '{"length":1}'],
  ...["9007199254740993", "1E400", '"RS256"', '"JWT"'],
];

const anyValue = fc.oneof(
  fc.constantFrom(...ODD),
  fc.json({ maxDepth: 2 }),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(text)),
);

/** One edit of a member: values for that name are more likely than others. */
function memberEdit(values) {
  const names = Object.keys(values);
  const likelyValue = (name) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...values[name]) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD) },
    );
  const known = fc
    .constantFrom(...names)
    .chain((name) => fc.record({ name: fc.constant(name), value: likelyValue(name) }));
  const other = fc.record({
    name: fc.oneof(
      fc.constantFrom(...names, "__proto__", "constructor", "toString", "hasOwnProperty", "toJSON"),
      fc.string({ maxLength: 8 }),
    ),
    value: anyValue,
  });
  const operation = fc.constantFrom("set", "set", "set", "drop", "twice", "before", "escaped");
  const place = fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: other });
  return fc.tuple(operation, place).map(([operation, place]) => ({ operation, ...place }));
}

const textEdit = fc.record({
  operation: fc.constantFrom("space", "mark", "behind", "array", "utf16", "comma", "deep", "byte"),
  at: fc.nat(2 ** 16),
  value: fc.nat(255),
});

/** Edits of an object whose members are most likely to get these values (JSON text). */
export function objectEdits(values, maxMembers) {
  return fc.record({
    members: fc.array(memberEdit(values), { maxLength: maxMembers }),
    text: fc.oneof(
      { weight: 15, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(textEdit, { minLength: 1, maxLength: 2 }) },
    ),
  });
}

/** The bytes of the object after the edits. */
export function applyObjectEdits(object, { members, text }) {
  let list = Object.entries(object).map(([name, value]) => [
    JSON.stringify(name),
    JSON.stringify(value),
  ]);
  for (const { operation, name, value } of members) {
    const key = JSON.stringify(name);
    const at = list.findIndex(([other]) => other === key);
    if (operation === "drop") list = list.filter(([other]) => other !== key);
    else if (operation === "twice") list.push([key, value]);
    else if (operation === "before") list.unshift([key, value]);
    else if (operation === "escaped") list.push([escaped(name), value]);
    else if (at < 0) list.push([key, value]);
    else list[at] = [key, value];
  }
  const json = `{${list.map((pair) => pair.join(":")).join(",")}}`;
  return text.reduce(applyTextEdit, Buffer.from(json));
}

/** A name spelt in escapes is the same name (RFC 8259 section 8.3). */
function escaped(name) {
  const digits = (unit) => unit.charCodeAt(0).toString(16).padStart(4, "0");
  return `"${Array.from({ length: name.length }, (_, at) => `\\u${digits(name[at])}`).join("")}"`;
}

const TEXT = {
  space: (bytes, at) => insert(bytes, at, " "),
  mark: (bytes) => insert(bytes, 0, "\ufeff"),
  behind: (bytes) => insert(bytes, bytes.length, "{}"),
  array: (bytes) => Buffer.from(`[${bytes}]`),
  utf16: (bytes) => Buffer.from(bytes.toString(), "utf16le"),
  comma: (bytes) => insert(bytes, bytes.length - 1, ","),
  deep: (bytes) => insert(bytes, 1, `"deep":${"[".repeat(2000)}${"]".repeat(2000)},`),
  byte: (bytes, at, value) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length] = value;
    return copy;
  },
};

function applyTextEdit(bytes, { operation, at, value }) {
  return TEXT[operation](bytes, at, value);
}

function insert(bytes, at, text) {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(text), bytes.subarray(place)]);
}
