import { expect, test } from "vitest";
import { isExample, isForeign, nameOf, pageBlocks } from "./blocks.ts";
import { readPages } from "./markdown.ts";

const blocks = pageBlocks();

/** What the tests do with a block in each language. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ts: "compiled, and run unless it is excused",
  js: "an example's file, or compiled",
  jsx: "an example's file",
  tsx: "an example's file",
  astro: "an example's file",
  json: "parsed",
  sh: "its commands are checked",
  console: "its commands are checked",
  python: "an example's file",
  yaml: "an example's file",
  ini: "an example's file",
  text: "for reading only",
};

function those(which: (block: (typeof blocks)[number]) => boolean) {
  return blocks.filter(which).map((block) => [nameOf(block), block] as const);
}

test.each(those(() => true))("%s has a known language", (_, { language }) => {
  expect(Object.keys(LANGUAGES)).toContain(language);
});

test.each(those(({ language }) => language === "json"))("%s is JSON", (_, { code }) => {
  expect(() => JSON.parse(code)).not.toThrow();
});

test.each(
  those(
    ({ page, language }) =>
      ["jsx", "tsx", "astro"].includes(language) ||
      (page.startsWith("docs/guide/frameworks/") && ["js", "ts"].includes(language)),
  ),
)("%s is the whole of an example's file", (_, block) => {
  expect(isExample(block)).toBe(true);
});

test("a group of tabs has one of the usual sets of titles", () => {
  const groups = readPages().flatMap(({ text }) =>
    [...text.matchAll(/^::: code-group\n([\s\S]*?)^:::$/gm)].map(([, inside = ""]) =>
      [...inside.matchAll(/^```(\w+) \[(.+)\]$/gm)].map(([, name, label]) => `${name} ${label}`),
    ),
  );
  expect(groups.length).toBeGreaterThan(0);
  for (const group of groups)
    expect(group.join(", ")).toMatch(
      /^(?:js(x?) JavaScript, ts\1 TypeScript(?:, js CommonJS)?|js Express, ts Worker, sh Any language|sh npm(?:, sh \w+)+)$/,
    );
  const labelled = blocks.filter(({ label }) => label !== undefined);
  expect(labelled).toHaveLength(groups.flat().length);
});

test("JavaScript that needs packages, and is no example, is run by another suite", () => {
  const pages = blocks
    .filter((block) => block.language === "js" && isForeign(block) && !isExample(block))
    .map(({ page }) => page);
  // The adapters' suite runs the first two; the third is an environment of the runtimes' suite.
  const run = ["README.md", "docs/guide/getting-started.md", "docs/guide/environments.md"];
  // The first page of the site shows the samples of the README; test/site compares them.
  run.push("docs/site/index.md");
  expect(new Set(pages)).toEqual(new Set(run));
});
