import { describe, expect, test } from "vitest";
import { functionOptions, mistake, numberOption } from "../src/caller-mistakes.ts";

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
