import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const page = readFileSync("docs/security-model.md", "utf8");

/** Every proof that the page names: a file and a test title in it. */
const proofs = [...page.matchAll(/^- `(test\/[^`]+)`: "(.+)"$/gm)].map(
  ([, file = "", title = ""]) => [file, title] as const,
);

const known = new Map<string, readonly string[]>();

/**
 * The titles of a file's tests, `test("…")` and `test.each(…)("…")`. A skipped test is an error.
 */
function titlesOf(file: string): readonly string[] {
  const titles = known.get(file) ?? readTitles(file);
  known.set(file, titles);
  return titles;
}

function readTitles(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    if (ts.isPropertyAccessExpression(node) && ["skip", "todo"].includes(node.name.text)) {
      throw new Error(`${file} leaves tests out`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** `test`, `it`, and what their `each` returns. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return ["test", "it"].includes(callee.text);
  if (!ts.isCallExpression(callee)) return false;
  const { expression: each } = callee;
  return (
    ts.isPropertyAccessExpression(each) && each.name.text === "each" && isTest(each.expression)
  );
}

test.each(proofs)("the proof exists: %s, %j", (file, title) => {
  expect(titlesOf(file)).toContain(title);
});

test("every class of attack names a proof, or a page of proofs", () => {
  const [, catalogue = ""] = /^## The catalogue$([\s\S]*?)^## /m.exec(page) ?? [];
  const classes = catalogue.split(/^### /m).slice(1);
  expect(classes.length).toBeGreaterThan(20);
  for (const text of classes) expect(text).toMatch(/^- `test\/|\]\(soak\.md\)/m);
});

test("every line that names a test is a proof, with its title on the same line", () => {
  expect(proofs.length).toBe(page.match(/^- `test\//gm)?.length);
});

test("names no proof twice", () => {
  expect(new Set(proofs.map(String)).size).toBe(proofs.length);
});

test("the reading list has each core file once", () => {
  const [, order = ""] = /^## Reading the core$([\s\S]*)/m.exec(page) ?? [];
  const files = [...order.matchAll(/`(src\/[^`]+)`/g)].map(([, file = ""]) => file);
  const rooms = ["encoding", "http", "token", "keys", "access", "verify"];
  const core = rooms.flatMap((room) =>
    readdirSync(`src/${room}`).map((file) => `src/${room}/${file}`),
  );
  const ground = ["own", "token-error", "key-set-error", "errors", "caller-mistakes"].map(
    (name) => `src/${name}.ts`,
  );
  expect([...files].sort()).toEqual([...ground, ...core].sort());
});

test("a missing title is found", () => {
  expect(titlesOf("test/verify/clock.test.ts")).not.toContain("a clock");
  expect(titlesOf("test/verify/clock.test.ts")).not.toContain("that is not there");
});
