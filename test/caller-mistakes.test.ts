import { describe, expect, test } from "vitest";
import {
  booleanOption,
  functionOptions,
  mistake,
  nearest,
  numberOption,
  readClock,
  readOptions,
  refuseUnknown,
} from "../src/caller-mistakes.ts";
import { unhandledIn } from "./support/unhandled.ts";

describe("the sentence for a caller's mistake", () => {
  test.each([
    [undefined, "undefined"],
    [null, "null"],
    ["", "an empty string"],
    ["hunter2", "string"],
    [7, "number"],
    [Number.NaN, "NaN"],
    [7n, "bigint"],
    [true, "boolean"],
    [Symbol("hunter2"), "symbol"],
    [[], "an empty array"],
    [["hunter2"], "an array"],
    [{ secret: "hunter2" }, "object"],
    [() => "hunter2", "function"],
    [Promise.resolve("hunter2"), "a promise"],
  ])("says the type of %s, and never the value", (value, type) => {
    const error = mistake("team", "a team name", value);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(`team must be a team name, got ${type}`);
  });
});

describe("a number option", () => {
  test.each([0, 0.5, 300])("may be %d, within its bounds", (value) => {
    expect(numberOption("seconds", value, [0, 300])).toBe(value);
  });

  test.each([-1, -Number.MIN_VALUE, 300.1, Number.POSITIVE_INFINITY, Number.NaN])(
    "may not be %d, out of bounds",
    (value) => {
      const act = (): number => numberOption("seconds", value, [0, 300]);
      expect(act).toThrow(RangeError);
      expect(act).toThrow(/^seconds must be a number from 0 to 300, got (?:number|NaN)$/);
    },
  );

  test.each([undefined, null, "60", 60n, true, [60], {}])(
    "may not be %s, which is no number",
    (value) => {
      const act = (): number => numberOption("seconds", value, [0, 300]);
      expect(act).toThrow(TypeError);
      expect(act).toThrow(/^seconds must be a number from 0 to 300, got \w+/);
    },
  );
});

describe("function options", () => {
  test("may be absent or functions", () => {
    const options = { now: undefined, fetch: () => {}, other: "unlooked at" };
    expect(() => functionOptions(options, ["now", "fetch", "onEvent"])).not.toThrow();
  });

  test.each([null, 0, "", "now", {}, []])("may not be %j", (value) => {
    expect(() => functionOptions({ now: value }, ["fetch", "now"])).toThrow(TypeError);
    expect(() => functionOptions({ now: value }, ["fetch", "now"])).toThrow(
      /^now must be a function, got \w+/,
    );
  });
});

describe("options", () => {
  interface Options {
    now?: number;
    onEvent?: string;
  }
  const names = ["now", "onEvent"] as const;
  const read = (given: unknown): Options => readOptions<Options>(given, names);

  test("are copied: own members and those of the class, and what they inherit is nothing", () => {
    class Given {
      now = 7;
      get onEvent(): string {
        return `at ${this.now}`;
      }
    }
    const options = read(new Given());
    expect({ ...options, constructor: undefined }).toEqual({ now: 7, onEvent: "at 7" });
    expect(Object.getPrototypeOf(options)).toBeNull();
  });

  test.each([undefined, null, "now", 7, true, [], () => {}])("may not be %s", (given) => {
    expect(() => read(given)).toThrow(/^options must be an object, got /);
  });

  test.each(["", "x", "toString", "__proto__", "a\nb", "\u0000", "n".repeat(1e6)])(
    "may not have a name that is no name at all, and say so in one short sentence",
    (name) => {
      const given = JSON.parse(`{${JSON.stringify(name)}:1}`) as object;
      const sentence = /^it must not have "[^\n\0]{0,70}", only now, onEvent$/;
      expect(() => refuseUnknown(given, names, "it")).toThrow(sentence);
      expect(() => readOptions(given, names as never, "it")).toThrow(TypeError);
    },
  );
});

describe("the name that was meant", () => {
  const names = ["team", "audience", "keys", "check", "now", "timeoutSeconds", "ttlSeconds"];

  test.each([
    ["teem", "team"],
    ["TEAM", "team"],
    ["audiences", "audience"],
    ["aud", "audience"],
    ["chekc", "check"],
    ["checks", "check"],
    ["nwo", "now"],
    ["timeout", "timeoutSeconds"],
    ["timeoutMs", "timeoutSeconds"],
    ["ttlMs", "ttlSeconds"],
    ["keySet", "keys"],
  ])("of %s is the near one, %s", (typed, meant) => {
    expect(nearest(typed, names)).toBe(meant);
  });

  test.each([
    "",
    "x",
    "foo",
    "debug",
    "domain",
    "algorithms",
    "cookieName",
    "tolerance",
    "toString",
    "__proto__",
    "n".repeat(99),
  ])("is none of those that are far from %j", (typed) => {
    expect(nearest(typed, names)).toBeUndefined();
  });

  test("is none where there are none", () => {
    expect(nearest("team", [])).toBeUndefined();
  });
});

describe("a promise that came where none is waited for", () => {
  test("is named in the sentence, and its rejection ends no process", async () => {
    const count = await unhandledIn(async () => {
      const act = (): number => readClock((async () => Promise.reject(new Error("x"))) as never);
      expect(act).toThrow(new TypeError("now() must be a finite number, got a promise"));
      expect(mistake("known()", "an array", Promise.reject(new Error("x"))).message).toBe(
        "known() must be an array, got a promise",
      );
    });
    expect(count).toBe(0);
  });
});

describe("a switch", () => {
  test("is off where it is absent", () => {
    expect([undefined, false, true].map((value) => booleanOption("it", value))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test.each([null, 0, 1, "", "true", [], {}])("may not be %j", (value) => {
    expect(() => booleanOption("it", value)).toThrow(/^it must be a boolean, got /);
  });
});
