// Keeps a guard busy while keys rotate and cannot be had, and while some clients send malformed bytes.
//   node test/guard/soak/run.js --seconds 30 [--keep]
// It ends with the round in which the time is over, so each run has an outage and a withdrawal.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compareThirds } from "../../soak/flat.js";
import { readings } from "../../soak/judge.js";
import { Visitors } from "../../soak/visitors.js";
import { Weather } from "./weather.js";
import { openWorld } from "./world.js";

const LIMITS = {
  memory: { share: 0.1, slack: 2 * 2 ** 20 },
  handles: { share: 0.2, slack: 10 },
};

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    seed: { type: "string", default: "20261127" },
    keep: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const world = await openWorld();
// Two hundred requests a second or so: it is time that this needs, not load.
const visitors = new Visitors(world.port, { pauseMs: 100 });
const weather = new Weather(world, visitors, Number(values.seed));
await weather.begin();
const start = performance.now();
const elapsed = () => (performance.now() - start) / 1000;
while (elapsed() < seconds && !world.hasCrashed()) await weather.round();
const duration = elapsed();
const hasCrashed = world.hasCrashed();
visitors.leave();
await world.close();

const thirds = (gauge) => compareThirds(readings(weather.samples, gauge), LIMITS[gauge]);
const [memory, handles] = [thirds("memory"), thirds("handles")];
const wrong = [...visitors.wrong].map(([words, times]) => `${times} × ${words}`).join("; ");
const inMb = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const { attacks } = weather.counts;
const checks = [
  ["the guard does not crash", !hasCrashed, ""],
  [
    `${visitors.requests} requests have the right answer`,
    visitors.requests > 0 && wrong === "",
    wrong,
  ],
  ["memory does not grow", memory.isFlat, `${inMb(memory.first)}, then ${inMb(memory.last)}`],
  ["open handles do not grow in number", handles.isFlat, `${handles.first}, then ${handles.last}`],
  ["there were clients with malformed bytes", attacks > 0, `${attacks}`],
];
for (const [title, isMet, found] of checks) {
  console.log(`${isMet ? "✓" : "✗"} ${title}${found && ` (${found})`}`);
}
const failed = checks.filter(([, isMet]) => !isMet).length;
if (values.keep && failed === 0) {
  const { requests, tally } = visitors;
  const found = {
    ...{ seconds: Math.round(duration), requests, counts: weather.counts },
    ...{ memory, handles, tally: Object.fromEntries(tally) },
  };
  const file = new URL("results.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
}
console.log(`\n${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
