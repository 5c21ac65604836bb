import { describe, expect, it } from "vitest";
import { nodeTerminal } from "../../src/cli/node-terminal.ts";

function terminalOf(isTTY: boolean, env: { [name: string]: string }) {
  const stream = { isTTY, write: () => true };
  return nodeTerminal({ stdin: stream, stdout: stream, stderr: stream, env } as never);
}

describe("colours", () => {
  it.each([
    ["a terminal has them", true, {}, true],
    ["a pipe has none", false, {}, false],
    ["NO_COLOR turns them off", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR does not", true, { NO_COLOR: "" }, true],
    ["a dumb terminal has none", true, { TERM: "dumb" }, false],
  ])("%s", (_, isTTY, env, expected) => {
    expect(terminalOf(isTTY, env).colour).toBe(expected);
  });
});

describe("the time", () => {
  it("is read anew each time", () => {
    const before = Date.now();
    expect(terminalOf(false, {}).now()).toBeGreaterThanOrEqual(before);
  });
});
