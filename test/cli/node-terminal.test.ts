import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

describe("a file", () => {
  it("is read without the byte order mark that some editors write, and with any other", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "postern-")), "guard.json");
    await writeFile(path, "\ufeff{}\ufeff");
    expect(await terminalOf(false, {}).readFile(path)).toBe("{}\ufeff");
    await rm(dirname(path), { recursive: true });
  });
});

describe("the time", () => {
  it("is read anew each time", () => {
    const before = Date.now();
    expect(terminalOf(false, {}).now()).toBeGreaterThanOrEqual(before);
  });
});
