const COLUMNS = {
  runtime: (row) => row.runtime,
  version: (row) => row.version,
  file: (row) => row.file,
  passed: (row) => String(row.passed),
  failed: (row) => String(row.failures.length),
  seconds: (row) => row.seconds.toFixed(1),
};
const NUMBERS = ["passed", "failed", "seconds"];

/** One row for every run, with columns as wide as their contents. */
export function formatTable(rows) {
  const names = Object.keys(COLUMNS);
  const cells = [names, ...rows.map((row) => names.map((name) => COLUMNS[name](row)))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const pad = (text, column) =>
    NUMBERS.includes(names[column]) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  return cells.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
