// Bytes of heap that a verification allocates, 64 at once, all libraries in one process:
// node --expose-gc allocation.js tokens.json rounds  prints one JSON object.

import { readFileSync } from "node:fs";
import { heapInUse } from "./heap.js";
import { fresh } from "./speed/cases.js";
import { CONTESTANTS, RAW } from "./speed/contestants.js";
import { median } from "./statistics.js";

const CROWD = 64;
const WARM_UPS = 20;

const [file, rounds] = process.argv.slice(2);
const { keys, accepted } = JSON.parse(readFileSync(file, "utf8"));
const bytes = accepted.map((token) => new TextEncoder().encode(token));

const contestants = [];
for (const { name, load } of CONTESTANTS.filter(({ name }) => name !== RAW)) {
  const { create } = await load(keys);
  contestants.push({ name, create, verify: await create(), figures: [] });
}

/** @returns bytes per token, mostly of the young generation; no garbage is collected meanwhile */
async function allocated(verify, tokens) {
  await heapInUse();
  const before = process.memoryUsage().heapUsed;
  await Promise.all(tokens.map(verify));
  return (process.memoryUsage().heapUsed - before) / tokens.length;
}

for (let round = -WARM_UPS; round < Number(rounds); round++) {
  for (const contestant of contestants) {
    const from = ((round + WARM_UPS) * CROWD) % (bytes.length - CROWD);
    const tokens = bytes.slice(from, from + CROWD).map(fresh);
    if (round < 0) {
      await Promise.all(tokens.map(contestant.verify));
      continue;
    }
    // New to its cache, if it has one.
    const verify = await contestant.create();
    await verify(fresh(bytes.at(-1)));
    contestant.figures.push(await allocated(verify, tokens));
  }
}
console.log(
  JSON.stringify(
    Object.fromEntries(contestants.map(({ name, figures }) => [name, median(figures)])),
  ),
);
