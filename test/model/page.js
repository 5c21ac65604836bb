// Keeps the figures of the runs, and writes docs/model.md from them.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RESULTS = join(import.meta.dirname, "results.json");

export async function writePage(update) {
  const kept = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
  writeFileSync(RESULTS, `${JSON.stringify({ ...kept, ...update }, undefined, 2)}\n`);
  const { render } = await import("./render.js");
  render({ ...kept, ...update });
}
