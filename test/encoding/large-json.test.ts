import { describe, expect, test } from "vitest";
import { deepFreeze } from "../../src/encoding/json.ts";

describe("deepFreeze of a large value", () => {
  test("freezes 100,000 nested arrays without running out of stack", () => {
    const depth = 100_000;
    const value: unknown[] = JSON.parse("[".repeat(depth) + "]".repeat(depth));
    deepFreeze(value);
    let levels = 0;
    for (let level: unknown = value; Array.isArray(level); level = level[0]) {
      if (Object.isFrozen(level)) levels++;
    }
    expect(levels).toBe(depth);
  });

  test("freezes half a million sibling values without running out of stack", () => {
    const neighbours = Array.from({ length: 500_000 }, () => 0);
    expect(Object.isFrozen(deepFreeze({ neighbours }).neighbours)).toBe(true);
  });
});
