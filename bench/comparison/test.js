// Measures again, and compares each cell of the page with the result.
import { readFile } from "node:fs/promises";
import { measure } from "./measure.js";
import { page } from "./page.js";

const PAGE = new URL("../../docs/comparison.md", import.meta.url);
/** A busy machine wakes late. */
const TOLERATED_SECONDS = 3;

function isSame(written, measured) {
  const [one, other] = [written, measured].map((cell) => /^(\d+) s$/.exec(cell.trim())?.[1]);
  if (one === undefined || other === undefined) return written === measured;
  return Math.abs(one - other) <= TOLERATED_SECONDS;
}

const [written, measured] = [await readFile(PAGE, "utf8"), await page(await measure())].map(
  (text) => text.split("\n").map((line) => line.split("|")),
);
let passed = 0;
let failed = 0;
for (let line = 0; line < Math.max(written.length, measured.length); line++) {
  const [before = [], now = []] = [written[line], measured[line]];
  for (let cell = 0; cell < Math.max(before.length, now.length); cell++) {
    if (before[cell] !== undefined && now[cell] !== undefined && isSame(before[cell], now[cell])) {
      passed++;
      continue;
    }
    failed++;
    console.error(`✗ line ${line + 1}: the page says ${before[cell]}; it was ${now[cell]}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
