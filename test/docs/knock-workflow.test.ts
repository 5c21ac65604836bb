import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseArguments } from "../../src/cli/arguments.ts";
import { knockCommand } from "../../src/cli/knock.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: { readonly [name: string]: string };
}

const page = readFileSync("docs/guide/knock.md", "utf8");
const [, text = ""] = /```text\n(name: knock\n[\s\S]*?)```/.exec(page) ?? [];
const workflow = parse(text);
const steps: readonly Step[] = workflow.jobs.knock.steps;

test("the workflow on the knock page may only read the code, ends in time, and has no other permission", () => {
  expect(workflow.permissions).toEqual({});
  expect(workflow.jobs.knock.permissions).toEqual({ contents: "read" });
  expect(workflow.jobs.knock["timeout-minutes"]).toBeGreaterThan(2);
});

test("its actions are pinned by commit, as the project's own workflows pin them", () => {
  const own = readFileSync(".github/workflows/test.yml", "utf8");
  const uses = text.split("\n").filter((line) => line.includes("uses:"));
  expect(uses).toHaveLength(steps.filter((step) => step.uses !== undefined).length);
  for (const line of uses) {
    expect(line).toMatch(/ actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(own).toContain(line.trim());
  }
});

test("its command line is valid for knock, and its variables are set", () => {
  const step = steps.find(({ run = "" }) => run.includes("postern knock"));
  const words = (step?.run ?? "").split("postern knock ")[1]?.split(" ") ?? [];
  const filled = words.map((word) =>
    word.replace(/^"\$(\w+)"$/, (_, name: string) => step?.env?.[name] ?? ""),
  );
  expect(filled.every((word) => word !== "" && !word.includes("$"))).toBe(true);
  const args = parseArguments(filled, { ...knockCommand.options, json: { type: "boolean" } });
  expect(args.positionals).toEqual(["https://203.0.113.7"]);
  expect(args.text("gate")).toBe("https://app.example.com");
  expect(args.flag("insecure")).toBe(true);
  expect(args.text("junit")).toBe("knock.xml");
});
