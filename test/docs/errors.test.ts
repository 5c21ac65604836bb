import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { headingsOf } from "./markdown.ts";
import { provoke } from "./provoked-errors.ts";

const page = { path: "docs/errors.md", text: readFileSync("docs/errors.md", "utf8") };

/** The string literals of a union of the source, and of the unions that it names. */
function codesOf(name: string): string[] {
  const source = ts.createSourceFile(
    "errors.ts",
    ["src/token-error.ts", "src/key-set-error.ts", "src/access/identity-error.ts"]
      .map((file) => readFileSync(file, "utf8"))
      .join("\n"),
    ts.ScriptTarget.ESNext,
  );
  const alias = source.statements.find(
    (node): node is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(node) && node.name.text === name,
  );
  if (alias === undefined || !ts.isUnionTypeNode(alias.type)) throw new Error(`no union ${name}`);
  return alias.type.types.flatMap((type) => {
    if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
    if (ts.isTypeReferenceNode(type)) return codesOf((type.typeName as ts.Identifier).text);
    throw new Error(`${name} holds what is neither a literal nor a name`);
  });
}

const families = ["TokenErrorCode", "KeySetErrorCode", "IdentityErrorCode"].map(codesOf);
const codes = [...new Set(families.flat())].sort();
const headings = headingsOf(page);

/** What stands below a code's heading, up to the next. */
function entryOf(code: string): string {
  const [, after = ""] = page.text.split(`\n### \`${code}\`\n`);
  return after.split(/\n##+ /)[0] ?? "";
}

describe("the page of errors", () => {
  test("has a heading for every code, and for nothing that is none", () => {
    const entries = headings.filter(({ level }) => level === 3).map(({ text }) => text);
    expect(entries.sort()).toEqual(codes);
  });

  test.each(codes)("has %s at the anchor of that name", (code) => {
    expect(headings.map(({ anchor }) => anchor)).toContain(code);
  });

  test.each(codes)("says of %s what happened, why, what to do, and its fields", (code) => {
    const [meaning = "", ...items] = entryOf(code)
      .trim()
      .split(/\n\n|\n(?=- )/);
    expect(meaning).toMatch(/^[A-Z][\s\S]*\.$/);
    expect(items.map((item) => /^- \*\*(.+):\*\* ./.exec(item)?.[1])).toEqual([
      "Causes",
      "Fix",
      "Fields",
    ]);
  });

  test.each(codes)("names the fields that a real %s carries", async (code) => {
    const [, list = ""] = /- \*\*Fields:\*\* ([\s\S]+)\.\n*$/.exec(entryOf(code)) ?? [];
    const named = list === "none" ? [] : list.split(", ").map((field) => field.replaceAll("`", ""));
    expect(named.sort()).toEqual(await provoke(code));
  });
});
