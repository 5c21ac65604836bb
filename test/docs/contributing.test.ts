import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** A suite and the command that runs it once everything is installed. */
type Suite = readonly [name: string, command: string];

/** A function of the script itself cannot be called from outside. */
function byItself(name: string, words: readonly string[]): string {
  const [command = "", folder = "", script = ""] = words;
  if (command === "own") return `npm --prefix ${folder} ${script}`;
  return command === name ? `.ci/run ${name}` : words.join(" ");
}

function suitesOfGate(): Suite[] {
  const lines = readFileSync(".ci/run", "utf8").matchAll(/^suite (\S+) (.+)$/gm);
  return [...lines].map(([, name = "", command = ""]) => [
    name,
    byItself(name, command.split(" ")),
  ]);
}

function suitesOfPage(): Suite[] {
  const [, section = ""] = readFileSync("CONTRIBUTING.md", "utf8").split("\n## The suites\n");
  const rows = (section.split("\n## ")[0] ?? "").matchAll(/^\| `(.+?)` \| `(.+?)` \| .+ \|$/gm);
  return [...rows].map(([, name = "", command = ""]) => [name, command]);
}

test("the page for contributors lists the suites of the gate, in their order", () => {
  expect(suitesOfGate().length).toBeGreaterThan(0);
  expect(suitesOfPage()).toEqual(suitesOfGate());
});
