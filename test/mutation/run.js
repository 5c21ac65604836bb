// Would a test notice? Changes the core one expression at a time, and sees whether a test fails.
//   node run.js                   every room; writes docs/mutation.md (most of an hour on two cores)
//   node run.js encoding access   some rooms; where nothing changed since, what was found then still counts
import { idleReasons, judge } from "./judge.js";
import { measure, ROOMS } from "./measure.js";
import { writePage } from "./page.js";

const LEAST = 0.95;
const chosen = process.argv.slice(2);
const rooms = chosen.length === 0 ? Object.keys(ROOMS) : chosen;
const isWhole = chosen.length === 0;

const results = [];
for (const room of rooms) {
  const changes = await measure(room, { isAfresh: isWhole });
  const verdict = judge(changes);
  results.push({ room, changes, ...verdict });
  const { noticed, explained, unexplained, score } = verdict;
  console.log(
    `${room}: of ${changes.length} changes ${noticed.length} noticed (${(score * 100).toFixed(1)} %), ${explained.length} explained`,
  );
  for (const { file, line, code, becomes } of unexplained) {
    console.log(`  not noticed: ${file}: ${line}\n      ${code}\n      => ${becomes}`);
  }
}

const all = results.flatMap(({ changes }) => changes);
const noticed = results.flatMap(({ noticed }) => noticed);
const explained = results.flatMap(({ explained }) => explained);
const unexplained = results.flatMap(({ unexplained }) => unexplained);
const idle = idleReasons(new Set(all.map(({ file }) => file)), explained);
for (const { file, line } of idle) console.log(`reason without a change: ${file}: ${line}`);
const score = noticed.length / all.length;
console.log(`${(score * 100).toFixed(1)} % noticed; at least ${LEAST * 100} % must be`);

const failed = unexplained.length + idle.length + (score < LEAST ? 1 : 0);
if (isWhole && failed === 0) await writePage(results);
console.log(`\n${noticed.length + explained.length} passed, ${failed} failed`);
process.exitCode = failed === 0 && all.length > 0 ? 0 : 1;
