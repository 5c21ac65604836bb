// Mutation testing: changes the code one expression at a time, and sees whether a test fails.
//   node run.js [ROOM …]   what changed since the last time, of some rooms or of all
//   --afresh               everything; about two hours on two cores
//   --keep                 keeps what was found, and writes docs/mutation.md
//   --workers N            how many changes at once; 2 unless given
//   --timeout MS           how long a change may take before it counts as endless; more for a busy machine
import { parseArgs } from "node:util";
import { idleReasons, judge } from "./judge.js";
import { measure, ROOMS } from "./measure.js";
import { writePage } from "./page.js";
import { keepResult, readResults } from "./results.js";

const LEAST = 0.97;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    afresh: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    timeout: { type: "string", default: "6000" },
    workers: { type: "string", default: "2" },
  },
});

let passed = 0;
let failed = 0;
for (const room of positionals.length === 0 ? Object.keys(ROOMS) : positionals) {
  const changes = await measure(room, {
    isAfresh: values.afresh,
    timeoutMS: Number(values.timeout),
    workers: Number(values.workers),
  });
  const verdict = judge(changes);
  const { noticed, late, explained, unexplained, score } = verdict;
  const idle = idleReasons(room, explained);
  for (const { file, line, code, becomes } of unexplained) {
    console.log(`not noticed: ${file}: ${line}\n    ${code}\n    => ${becomes}`);
  }
  for (const { file, line, code, becomes } of late) {
    console.log(`noticed only by a time limit: ${file}: ${line}\n    ${code}\n    => ${becomes}`);
  }
  for (const { file, line } of idle)
    console.log(`survivors.json explains a change that no longer survives: ${file}: ${line}`);
  const percent = (score * 100).toFixed(1);
  console.log(
    `${room}: of ${changes.length} changes ${noticed.length - late.length} noticed, ${percent} %; ` +
      `${late.length} only by a time limit; ${explained.length} explained`,
  );
  const wrong = unexplained.length + idle.length + (score < LEAST ? 1 : 0);
  passed += noticed.length + explained.length;
  failed += wrong;
  if (values.keep && wrong === 0) await keepResult(room, verdict);
}
if (values.keep) await writePage(readResults());
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
