// The part of a page that a program writes.
import { readFile, writeFile } from "node:fs/promises";

/** Replaces what stands between a page's marks; nothing else in it is touched. */
export async function readMeasured(page, by) {
  const file = new URL(`../../../docs/${page}`, import.meta.url);
  const begin = `<!-- measured by ${by}: begin -->`;
  const text = await readFile(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(`<!-- measured by ${by}: end -->`);
  if (from < 0 || to < from) throw new Error(`docs/${page} has lost its marks`);
  return {
    measured: text.slice(from + begin.length, to).trim(),
    write: (section) =>
      writeFile(file, `${text.slice(0, from)}${begin}\n\n${section}\n\n${text.slice(to)}`),
  };
}

/** A table in Markdown. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
