import { describe, expect, test } from "vitest";
import { deepFreeze, parseJsonObject } from "../../src/encoding/json.ts";

describe("parseJsonObject", () => {
  test("reads an object", () => {
    expect(parseJsonObject('{"a":[1,null,"é€😀"]}')).toEqual({ a: [1, null, "é€😀"] });
  });

  test.each(["[]", "null", "1", '"{}"', "true", "", " ", "{", "{}{}", "{'a':1}", "{a:1}", "NaN"])(
    "refuses %j, which is no JSON object",
    (text) => {
      expect(parseJsonObject(text)).toBeUndefined();
    },
  );

  test.each([
    ["a byte order mark (RFC 8259 section 8.1)", "\ufeff{}"],
    ["an object after a NUL", "\0{}"],
    ["a control character within a string", '{"a":"\n"}'],
  ])("refuses %s", (_, json) => {
    expect(parseJsonObject(json)).toBeUndefined();
  });

  test("takes the last of two members of one name (RFC 7515 section 4)", () => {
    expect(parseJsonObject('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  test("keeps an escaped lone surrogate as data", () => {
    expect(parseJsonObject('{"a":"\\ud800"}')).toEqual({ a: "\ud800" });
  });

  test("keeps a __proto__ as data", () => {
    const object = parseJsonObject('{"__proto__":{"admin":true}}');
    expect(Object.keys(object ?? {})).toEqual(["__proto__"]);
    expect(object?.["admin"]).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  test("does not fail for any nesting", () => {
    const nested = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(() => parseJsonObject(nested)).not.toThrow();
  });
});

describe("deepFreeze", () => {
  test("freezes objects and arrays at every depth, and returns the same value", () => {
    const value = { a: [{ b: { c: [1, null, "s", true] } }], d: {} };
    expect(deepFreeze(value)).toBe(value);
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen(value.a)).toBe(true);
    expect(Object.isFrozen(value.a[0])).toBe(true);
    expect(Object.isFrozen(value.a[0]?.b.c)).toBe(true);
    expect(Object.isFrozen(value.d)).toBe(true);
  });

  test("freezes past a null and into an own __proto__", () => {
    const value = JSON.parse('{"a":null,"__proto__":{"b":{}},"c":{}}');
    deepFreeze(value);
    expect(Object.isFrozen(Object.getOwnPropertyDescriptor(value, "__proto__")?.value)).toBe(true);
    expect(Object.isFrozen(value.c)).toBe(true);
  });
});
