// Sends raw bytes to guards whose targets misbehave, and holds what must be so whatever comes.
//   node test/guard/fuzz/run.js                   a fixed seed, a few thousand cases
//   node test/guard/fuzz/run.js --seconds 600     other cases each time
//   --seed N --case N                             replays what a failure prints
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.js";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "1500" },
    seconds: { type: "string" },
    seed: { type: "string" },
    case: { type: "string" },
  },
});
const seed = Number(
  values.seed ?? (values.seconds === undefined ? 20_261_127 : Date.now() % 2 ** 31),
);
const { checks } = await fuzz({
  seed,
  only: values.case === undefined ? undefined : Number(values.case),
  cases: values.seconds === undefined ? Number(values.cases) : Number.POSITIVE_INFINITY,
  seconds: Number(values.seconds ?? 300),
});
for (const { title, isMet, found } of checks) {
  console.log(`${isMet ? "✓" : "✗"} ${title}${found ? ` (${found})` : ""}`);
}
const failed = checks.filter(({ isMet }) => !isMet).length;
console.log(`\n${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
