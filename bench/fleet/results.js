// The last results; the page and the chart are written from them alone.

import { readFileSync, writeFileSync } from "node:fs";
import { checkGoals } from "./goals.js";
import { writeReport } from "./report.js";
import { full } from "./run.js";

const file = new URL("results.json", import.meta.url);
const page = new URL("../../docs/fleet.md", import.meta.url);

export function keepResults(results) {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

export function readResults() {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** docs/fleet.md, whole, from the results. */
export function pageOf(results) {
  return writeReport(results, checkGoals(results.postern), full);
}

export function writePage() {
  writeFileSync(page, pageOf(readResults()));
}
