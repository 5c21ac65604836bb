import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { readSources, specifiers } from "../support/import-graph.ts";
import { type Block, readPages, takeApart } from "./markdown.ts";

/** Every fenced block of every page. */
export function pageBlocks(): Block[] {
  return readPages().flatMap((page) => takeApart(page).blocks);
}

/**
 * The blocks in the docstrings of the sources. A decorator in a block is no tag, although a parser
 * may read it as one.
 */
export function docstringBlocks(): Block[] {
  return [...readSources("src")].flatMap(([name, source]) =>
    [...source.matchAll(/^ *\/\*\*\n(?: *\*.*\n)+/gm)].flatMap(({ 0: comment, index }) => {
      const text = comment.replace(/^ *\/?\*{1,2} ?/gm, "");
      const before = source.slice(0, index).split("\n").length - 1;
      const { blocks } = takeApart({ path: join("src", name), text });
      return blocks.map((block) => ({ ...block, line: before + block.line }));
    }),
  );
}

/** The name of a block in reports. */
export function nameOf({ page, line }: Block): string {
  return `${page}:${line}`;
}

const examples = new Set(
  ts.sys
    .readDirectory(
      "examples",
      [".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".astro"],
      undefined,
      ["**/*"],
    )
    .map((name) => readFileSync(name, "utf8").trim()),
);

/** Whether a block is a whole file of an example, which its own end-to-end tests run. */
export function isExample({ code }: Block): boolean {
  return examples.has(code.trim());
}

/** Whether a block needs a package other than postern. The suite of this folder installs them. */
export function isForeign({ code }: Block): boolean {
  return specifiers(code).some(
    (name) => !/^(?:\.|(?:type )?node:|cloudflare:|postern\b)/.test(name),
  );
}
