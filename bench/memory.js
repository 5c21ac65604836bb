// Bytes that one remembered verdict keeps alive, in a fresh process for each library:
// node --expose-gc memory.js <library> tokens.json  prints one JSON object.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { heapInUse } from "./heap.js";
import { fresh } from "./speed/cases.js";
import { CONTESTANTS, FAST_JWT_CACHED, POSTERN } from "./speed/contestants.js";
import { median } from "./statistics.js";

export const REMEMBERING = [POSTERN, FAST_JWT_CACHED];

/** The default size of both caches. */
const VERDICTS = 1000;
const REPETITIONS = 7;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, file] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(name, JSON.parse(readFileSync(file, "utf8")))));
}

async function measure(name, { keys, accepted }) {
  const bytes = accepted.map((token) => new TextEncoder().encode(token));
  const { load } = CONTESTANTS.find((contestant) => contestant.name === name);
  const { create } = await load(keys);
  const verifiers = [];
  const perVerdict = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const verify = await create();
    verifiers.push(verify);
    const before = await heapInUse();
    for (const token of bytes.slice(0, VERDICTS)) await verify(fresh(token));
    perVerdict.push(((await heapInUse()) - before) / VERDICTS);
  }
  // All of them are still in use here, so that a collection cannot have removed them.
  for (const verify of verifiers) await verify(fresh(bytes[0]));
  // The first ones include code that was compiled meanwhile.
  return { bytesPerVerdict: median(perVerdict.slice(2)) };
}
