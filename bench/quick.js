// The most important ratios of Node 20 on the terminal, in a minute or so.

import { measureSpeed, withTokens } from "./measure.js";
import { findRuntimes } from "./runtimes.js";
import { measureSizes } from "./size.js";
import { CASES } from "./speed/cases.js";
import { CONTESTANTS } from "./speed/contestants.js";

const ROUNDS = 7;

const [runtime] = findRuntimes(["node-20"]);
const speed = await withTokens((tokens) => measureSpeed(runtime, tokens, ROUNDS));

console.log(`${runtime.title} ${runtime.version}, main-thread time by ${speed.clock}`);
console.log("µs per token: main thread / wall");
const rows = {};
for (const { name } of CONTESTANTS) {
  rows[name] = {};
  for (const [id, { title }] of Object.entries(CASES)) {
    const figures = speed.cases[id][name];
    if (figures === undefined) continue;
    rows[name][title] = `${figures.held.toFixed(2)} / ${figures.wall.toFixed(2)}`;
  }
}
console.table(rows);
for (const { text, better, postern, byHand } of speed.ratios) {
  const least = byHand === undefined ? "" : `, by hand ${byHand.toFixed(2)}`;
  console.log(`${postern.toFixed(2)}${least}  ${text} (${better} is better)`);
}
for (const { name, gzip } of await measureSizes()) console.log(`${gzip} bytes  ${name}, gzip`);
