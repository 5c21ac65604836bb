// The generated part of a page.
import { readFile, writeFile } from "node:fs/promises";

/** Replaces the text between a page's marks, and nothing else. */
export async function writeMeasured(page, section) {
  const file = new URL(`../../../docs/${page}`, import.meta.url);
  const text = await readFile(file, "utf8");
  const [begin, end] = ["begin", "end"].map((mark) => `<!-- measured by test/fuzz: ${mark} -->`);
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/${page} has lost its marks`);
  await writeFile(file, `${text.slice(0, from)}${begin}\n\n${section}\n\n${text.slice(to)}`);
}

/** A table in Markdown. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
