// How cost grows with tokens, teams and keys: prints the figures and a verdict on each series.

import { judgeGrowth } from "./growth/verdict.js";
import { measureGrowth } from "./measure.js";
import { findRuntimes } from "./runtimes.js";

const [runtime] = findRuntimes();
for (const [kind, series] of Object.entries(measureGrowth(runtime))) {
  console.log(`\n${kind}, ${runtime.title} ${runtime.version}`);
  for (const each of series) {
    const { growth, exponent, passes } = judgeGrowth(each);
    const points = each.points.map(([count, value]) => `${count}: ${value.toPrecision(4)}`);
    console.log(`${passes ? "ok  " : "FAIL"}  ${each.name}: ${growth} (${exponent.toFixed(2)})`);
    console.log(`      ${each.unit}  ${points.join("  ")}`);
    if (!passes) process.exitCode = 1;
  }
}
