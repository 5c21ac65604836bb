/** A Markdown table; every column but the first is aligned to the right when it holds figures. */
export function table(head, rows) {
  const isFigure = (column) => rows.every((row) => /^[-–\d]/.test(String(row[column])));
  const rule = head.map((_, column) => (column > 0 && isFigure(column) ? "---:" : "---"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
