// The last results, beside the code that made them; the page and its charts are written from them
// alone.

import { readFileSync, writeFileSync } from "node:fs";
import { page } from "./report/page.js";

const file = new URL("results.json", import.meta.url);
const docs = new URL("../docs/", import.meta.url);

export function keepResults(results) {
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

export function readResults() {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** docs/performance.md, whole, from the results. */
export function pageOf(results) {
  return page(results);
}

/** Writes docs/performance.md and draws the charts. */
export async function writePage() {
  writeFileSync(new URL("performance.md", docs), pageOf(readResults()));
  const { drawAll } = await import("./charts/draw.js");
  drawAll();
}

/** Four digits are more than any of these measurements can show. */
function rounded(_, value) {
  const isMeasured = typeof value === "number" && !Number.isInteger(value);
  return isMeasured ? Number(value.toPrecision(4)) : value;
}
