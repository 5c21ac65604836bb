/** The possible results of a row. */
const STATUS = /^(guarded by|guarded|open)\b/;

/**
 * The rows of the table at the start of a page: the first table, before any second heading, under
 * `| Road | Without a token | How |`.
 */
export function readRoads(markdown) {
  const [head] = markdown.split(/^## /m);
  const lines = head.split("\n");
  const start = lines.findIndex((line) => /^\| Road \| Without a token \| /.test(line));
  if (start < 0) return [];
  const rows = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    const [, road = "", said = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const status = STATUS.exec(said)?.[1];
    if (status === undefined) throw new Error(`${road}: "${said}" is no known result`);
    rows.push({ road, status });
  }
  return rows;
}
