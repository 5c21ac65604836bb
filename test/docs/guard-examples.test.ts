import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { readPages, takeApart } from "./markdown.ts";

const [page] = readPages().filter(({ path }) => path === "docs/guide/guard.md");
if (page === undefined) throw new Error("there is no page about the guard");
const shown = new Set(takeApart(page).blocks.map(({ code }) => code.trim()));
const files = ts.sys.readDirectory("examples/guard", undefined, undefined, ["**/*"]);

// The suite of the guard runs these files, so the page must show no others.
test.each(files)("the page about the guard shows %s as it is", (file) => {
  expect(shown).toContain(readFileSync(file, "utf8").trim());
});

test("the page about the guard has the files that the suite runs", () => {
  expect(files.length).toBeGreaterThan(10);
});
