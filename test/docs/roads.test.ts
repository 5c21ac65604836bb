import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGES = "docs/guide/frameworks/";
const pages = readdirSync(PAGES).filter((name) => name !== "README.md");

test("pages of frameworks exist", () => {
  expect(pages.length).toBeGreaterThan(15);
});

// `test/adapters/roads` sends the requests of each row to the real frameworks.
test.each(pages)(
  "%s begins with a table of routes, and a test file requests each of them",
  (page) => {
    const text = readFileSync(`${PAGES}${page}`, "utf8");
    const [start = ""] = text.split(/^## /m);
    expect(start).toContain("\n| Road | Without a token | How |\n");
    const rows = [...start.matchAll(/^\| (?!Road|---).+? \| (.+?) \| .*\|$/gm)];
    expect(rows.length).toBeGreaterThan(0);
    for (const [, status] of rows) expect(status).toMatch(/^(?:guarded|guarded by .*`.+|open)/);
    expect(existsSync(`test/adapters/roads/${page.replace(".md", ".js")}`)).toBe(true);
  },
);
