import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const page = readFileSync("docs/security-model.md", "utf8");

/** Every proof that the page names: a file, and a title in it. */
const proofs = [...page.matchAll(/^- `(test\/[^`]+)`: "(.+)"$/gm)].map(
  ([, file = "", title = ""]) => [file, title] as const,
);

/** The titles of a file's tests, `test("…")` and `test.each(…)("…")`; what is skipped is none. */
function titlesOf(file: string): string[] {
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

/** `test`, `it`, and what their `each` gives back. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return ["test", "it"].includes(callee.text);
  if (!ts.isCallExpression(callee)) return false;
  const { expression: each } = callee;
  return (
    ts.isPropertyAccessExpression(each) && each.name.text === "each" && isTest(each.expression)
  );
}

test.each(proofs)("the proof is there: %s, %j", (file, title) => {
  expect(titlesOf(file)).toContain(title);
});

test("every class of attack names a proof, or a page of them", () => {
  const [, catalogue = ""] = /^## The catalogue$([\s\S]*?)^## /m.exec(page) ?? [];
  const classes = catalogue.split(/^### /m).slice(1);
  expect(classes.length).toBeGreaterThan(20);
  for (const text of classes) expect(text).toMatch(/^- `test\/|\]\(soak\.md\)/m);
});

test("names no proof twice", () => {
  expect(new Set(proofs.map(String)).size).toBe(proofs.length);
});

test("the files to read are all of the core, each once", () => {
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

test("a title that is not there is found missing", () => {
  expect(titlesOf("test/verify/clock.test.ts")).not.toContain("a clock");
  expect(titlesOf("test/verify/clock.test.ts")).not.toContain("that is not there");
});
