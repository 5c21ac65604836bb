import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly [name: string]: unknown };
}

interface Job {
  readonly "timeout-minutes"?: number;
  readonly environment?: string;
  readonly permissions?: { readonly [scope: string]: string };
  readonly steps: readonly Step[];
}

const FOLDER = ".github/workflows/";
const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(`${FOLDER}${name}`, "utf8");
  const { permissions, jobs } = parse(text) as {
    permissions: unknown;
    jobs: { [name: string]: Job };
  };
  return { name, text, permissions, jobs: Object.entries(jobs) };
});
const jobs = workflows.flatMap(({ name, jobs }) =>
  jobs.map(([job, content]) => ({ name: `${name} ${job}`, ...content })),
);
const steps = jobs.flatMap(({ steps }) => steps);
const using = (action: string): readonly Step[] =>
  steps.filter(({ uses = "" }) => uses.startsWith(`${action}@`));

test("every action is one of the platform's own, pinned by its commit, with its version beside it", () => {
  const lines = workflows.flatMap(({ text }) => text.split("\n"));
  const uses = lines.filter((line) => /\buses:/.test(line));
  expect(uses).toHaveLength(steps.filter((step) => step.uses !== undefined).length);
  for (const line of uses) expect(line).toMatch(/ actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("one version of an action has one commit, wherever it is used", () => {
  const pins = workflows.flatMap(({ text }) => text.match(/actions\/.+$/gm) ?? []);
  const actions = new Set(pins.map((pin) => pin.split("@")[0]));
  expect(new Set(pins).size).toBe(actions.size);
});

test("a job has only the permissions it lists, and none by default", () => {
  expect(workflows.map(({ permissions }) => permissions)).toEqual(workflows.map(() => ({})));
  for (const { permissions } of jobs) expect(permissions).toBeDefined();
});

test("only a release may write, and only the publishing jobs may ask for an identity token", () => {
  const granted = jobs.flatMap(({ name, permissions = {} }) =>
    Object.entries(permissions).flatMap(([scope, access]) =>
      `${scope}: ${access}` === "contents: read" ? [] : [`${name}, ${scope}: ${access}`],
    ),
  );
  expect(granted).toEqual([
    "release.yml npm, id-token: write",
    "release.yml jsr, id-token: write",
    "release.yml page, contents: write",
  ]);
});

test("a publishing job needs an approval, and runs no install scripts", () => {
  const publishers = jobs.filter(({ permissions }) => permissions?.["id-token"] === "write");
  expect(publishers.length).toBeGreaterThan(0);
  for (const { environment, steps } of publishers) {
    expect(environment).toBe("release");
    for (const { run = "" } of steps) {
      expect(run).not.toMatch(/npm (?:install|run|test|cit)\b|npx/);
      for (const command of run.match(/npm [^&]*\b(?:ci|publish)\b[^&]*/g) ?? []) {
        expect(command).toContain("--ignore-scripts");
      }
    }
  }
});

test("a checkout leaves no credentials behind, and no cache is shared", () => {
  expect(using("actions/checkout").length).toBeGreaterThan(0);
  for (const step of using("actions/checkout")) {
    expect(step.with?.["persist-credentials"]).toBe(false);
  }
  for (const step of using("actions/setup-node")) {
    expect(step.with).toMatchObject({ "package-manager-cache": false });
    expect(step.with).not.toHaveProperty("cache");
  }
});

test("no stored secret is used, and nothing from outside is written into a command", () => {
  for (const { text } of workflows) expect(text).not.toMatch(/secrets\./);
  for (const { run = "" } of steps) expect(run).not.toContain("${{");
});

test("every job ends in bounded time", () => {
  for (const job of jobs) expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
});

test("every suite of the gate is run by a workflow, and no other suite", () => {
  const suites = readFileSync(".ci/run", "utf8").matchAll(/^suite (\S+) /gm);
  const run = steps.flatMap(({ run = "" }) => /^\.ci\/run (.+)$/.exec(run)?.[1]?.split(" ") ?? []);
  expect([...new Set(run)].sort()).toEqual([...suites].map(([, name]) => name).sort());
});
