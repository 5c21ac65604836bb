import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "./check.js";
import { MOST_WORDS } from "./rules.js";
import { WORDS } from "./words.js";

const words = (count) => `${Array(count).fill("word").join(" ")}.`;

for (const { find, instead, seed } of WORDS) {
  test(`${find} is found in: ${seed}`, async () => {
    const found = await check("page.md", `# Title\n\nIt works.\n${seed}\n`);
    assert.ok(found.some(({ line, message }) => line === 4 && message.endsWith(`": ${instead}`)));
  });
}

test("a phrase is found in a heading, a cell, a list, a quotation, across lines and through marks", async () => {
  for (const text of [
    "# Whoever reads",
    "| a |\n| --- |\n| whoever |",
    "- whoever",
    "> whoever",
    "The key **cannot**\nbe had.",
    "> [!WARNING]\n> whoever",
  ]) {
    assert.equal((await check("page.md", text)).length, 1, text);
  }
});

test("code is not prose", async () => {
  const text = "The option `whoever` is new.\n\n```sh\necho upon\n```\n\n<!-- upon -->\n";
  assert.deepEqual(await check("page.md", text), []);
});

test("a sentence is as long as its longest part, and code counts as one word", async () => {
  assert.deepEqual(await check("page.md", words(MOST_WORDS)), []);
  assert.equal((await check("page.md", words(MOST_WORDS + 1))).length, 1);
  assert.deepEqual(await check("page.md", `${words(20)} ${words(20)}`), []);
  const span = `\`${Array(40).fill("code").join(" ")}\``;
  assert.deepEqual(await check("page.md", `${span} ${words(20)}`), []);
});

test("comments and messages of a source are prose, and its names are not", async () => {
  const source = [
    "/**",
    " * Reads whoever.",
    " */",
    "export const upon = 1;",
    "// The key cannot",
    "// be had.",
    'throw new Error("the keys of the team cannot be had");',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    "throw new Error(`the keys of ${team} cannot be had`);",
  ].join("\n");
  const found = await check("source.ts", source);
  assert.deepEqual(
    found.map(({ line }) => line),
    [2, 5, 7, 8],
  );
});

test("of a changelog only the section that is not yet released is checked", async () => {
  const text = "# Changelog\n\n## Unreleased\n\n- whoever\n\n## 0.1.0\n\n- whoever\n";
  assert.equal((await check("CHANGELOG.md", text)).length, 1);
});

test("the command counts the files and ends with 1 when one is not plain", () => {
  const folder = mkdtempSync(join(tmpdir(), "prose-"));
  const path = join(folder, "page.md");
  const run = () => spawnSync(process.execPath, ["prose.js", path], { encoding: "utf8" });
  try {
    writeFileSync(path, "It works.\n");
    assert.deepEqual([run().stdout, run().status], ["1 passed, 0 failed\n", 0]);
    writeFileSync(path, "It depends upon it.\n");
    const { stdout, status } = run();
    assert.match(stdout, /page\.md:1: "upon": on\n0 passed, 1 failed\n$/);
    assert.equal(status, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
