// The last results, beside the code that made them; from them alone the page is written.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { growthChart } from "./report/growth-chart.js";
import { page } from "./report/page.js";
import { speedChart } from "./report/speed-chart.js";

const file = new URL("results.json", import.meta.url);
const docs = new URL("../docs/", import.meta.url);

export function keepResults(results) {
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Writes docs/performance.md and its charts. */
export function writePage() {
  const results = JSON.parse(readFileSync(file, "utf8"));
  mkdirSync(new URL("img/", docs), { recursive: true });
  writeFileSync(new URL("img/performance.svg", docs), speedChart(results));
  writeFileSync(new URL("img/growth.svg", docs), growthChart(results));
  writeFileSync(new URL("performance.md", docs), page(results));
}

/** Four digits are more than any of these measurements can tell. */
function rounded(_, value) {
  const isMeasured = typeof value === "number" && !Number.isInteger(value);
  return isMeasured ? Number(value.toPrecision(4)) : value;
}
