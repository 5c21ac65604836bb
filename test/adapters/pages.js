// The guide shows the examples that run, and nothing else.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

const GUIDE = new URL("../../docs/guide/frameworks/", import.meta.url);
const EXAMPLES = new URL("../../examples/", import.meta.url);
const SHOWN = /^`examples\/(\S+)`\n\n```\w+\n([\s\S]*?)\n```$/gm;

const pages = readdirSync(GUIDE).filter((name) => name !== "README.md");
const overview = readFileSync(new URL("README.md", GUIDE), "utf8");

export const PAGES = pages.map((name) => [
  `${name} shows what runs`,
  () => {
    const text = readFileSync(new URL(name, GUIDE), "utf8");
    const shown = [...text.matchAll(SHOWN)];
    assert.equal(shown.length, text.split("\n```").length / 2 - 0.5, "shows code from elsewhere");
    assert.ok(shown.length > 0, "shows nothing");
    for (const [, path, code] of shown) {
      assert.equal(code, readFileSync(new URL(path, EXAMPLES), "utf8").trimEnd(), path);
    }
    assert.ok(overview.includes(`(${name})`), "is not in the overview");
  },
]);
