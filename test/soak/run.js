// Runs a guarded server through rotations and outages, and checks answers, memory and delay.
//   node test/soak/run.js --seconds 30 [--page]
// With --page it keeps the results and writes docs/soak.md; `npm --prefix bench run charts` draws the chart.
import { parseArgs } from "node:util";
import { judge } from "./judge.js";
import { soak } from "./soak.js";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "30" }, page: { type: "boolean" } },
});

const run = await soak(Number(values.seconds));
const verdict = judge(run);
for (const { title, isMet, found } of verdict.checks) {
  console.log(`${isMet ? "✓" : "✗"} ${title}${found && ` (${found})`}`);
}
if (values.page) {
  const { keepResults, writePage } = await import("./page.js");
  keepResults(run, verdict);
  writePage();
}
const failed = verdict.checks.filter(({ isMet }) => !isMet).length;
console.log(`\n${verdict.checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
