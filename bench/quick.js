// The Node 20 table on the terminal, in a minute or so.

import { measureColdStart, measureSpeed, withTokens } from "./measure.js";
import { findRuntimes } from "./runtimes.js";
import { measureSizes } from "./size.js";
import { CASES } from "./speed/cases.js";
import { CONTESTANTS } from "./speed/contestants.js";

const ROUNDS = 7;

const [runtime] = findRuntimes(["node-20"]);
const speed = await withTokens(async (tokens) => measureSpeed(runtime, tokens, ROUNDS));

console.log(`${runtime.title} ${runtime.version}: µs per token, and of raw in the same round`);
const rows = {};
for (const { name } of CONTESTANTS) {
  rows[name] = {};
  for (const [id, { title }] of Object.entries(CASES)) {
    const figures = speed.cases[id][name];
    if (figures === undefined) continue;
    rows[name][title] = `${figures.microseconds.toFixed(2)}  ${figures.ofRaw?.toFixed(2) ?? ""}`;
  }
}
console.table(rows);
for (const { text, value } of speed.ratios) console.log(`${value.toFixed(2)}  ${text}`);

const { over } = measureColdStart(runtime, ROUNDS);
for (const [name, { milliseconds }] of Object.entries(over)) {
  console.log(`${milliseconds.toFixed(1)} ms  to import ${name}, over an empty process`);
}
for (const { name, gzip } of await measureSizes()) console.log(`${gzip} bytes  ${name}, gzip`);
