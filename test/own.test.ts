import { describe, expect, test } from "vitest";
import { bare } from "../src/caller-mistakes.ts";
import { member, own } from "../src/own.ts";

describe("own", () => {
  test("reads what an object holds itself, whatever its value", () => {
    expect(own({ a: 0 }, "a")).toBe(0);
    expect(own({ a: "" }, "a")).toBe("");
    expect(own({ a: null }, "a")).toBeNull();
    expect(own(JSON.parse('{"__proto__":1}'), "__proto__")).toBe(1);
    expect(own(JSON.parse('{"hasOwnProperty":1,"a":2}'), "a")).toBe(2);
  });

  test.each(["toString", "constructor", "__proto__", "hasOwnProperty"])(
    "reads no inherited %s",
    (name) => {
      expect(own({}, name)).toBeUndefined();
    },
  );
});

/** Runs a function while every object seems to have a member. */
function polluted<T>(name: string, value: unknown, work: () => T): T {
  const everyone = Object.prototype as { [name: string]: unknown };
  everyone[name] = value;
  try {
    return work();
  } finally {
    delete everyone[name];
  }
}

class Door {
  own = "own";
  get shown(): string {
    return "shown";
  }
  method(): string {
    return this.own;
  }
}
class SideDoor extends Door {}

describe("member", () => {
  test("reads what an object or its class has", () => {
    expect(member({ a: 0 }, "a")).toBe(0);
    expect(member(Object.assign(Object.create(null), { a: 1 }), "a")).toBe(1);
    expect(member(new SideDoor(), "own")).toBe("own");
    expect(member(new SideDoor(), "shown")).toBe("shown");
    expect(member(new SideDoor(), "method")).toBe(Door.prototype.method);
    expect(member(Object.create({ a: 2 }), "a")).toBe(2);
  });

  test("reads nothing from Object.prototype", () => {
    for (const object of [{}, new SideDoor(), Object.create(null)]) {
      expect(member(object, "toString")).toBeUndefined();
      expect(polluted("audience", "any", () => member(object, "audience"))).toBeUndefined();
    }
  });
});

describe("bare", () => {
  test("copies what an object and its class have, and inherits nothing", () => {
    const copy = bare(new SideDoor());
    expect(copy).toMatchObject({ own: "own", shown: "shown" });
    expect(Object.getPrototypeOf(copy)).toBeNull();
    const audience = polluted("audience", "any", () => (bare({ a: 1 }) as never)["audience"]);
    expect(audience).toBeUndefined();
  });

  test("keeps an own __proto__ as data", () => {
    const copy = bare(JSON.parse('{"__proto__":{"a":1}}'));
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.keys(copy)).toEqual(["__proto__"]);
  });

  test("copies an object without a prototype", () => {
    expect(bare(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
  });
});
