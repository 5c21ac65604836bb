// Measures everything, in every runtime that is here, and writes docs/performance.md.

import {
  machine,
  measureColdStart,
  measureGrowth,
  measureMemory,
  measureSpeed,
  measureSteps,
  withTokens,
} from "./measure.js";
import { keepResults, writePage } from "./results.js";
import { findRuntimes } from "./runtimes.js";
import { measureParts, measureSizes } from "./size.js";

const ROUNDS = 21;
const COLD_ROUNDS = 15;

const started = performance.now();
const runtimes = findRuntimes();
const nodes = runtimes.filter(({ id }) => id.startsWith("node"));

function say(what) {
  console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}`);
}

function inEach(list, what, measure) {
  return Object.fromEntries(
    list.map((runtime) => {
      say(`${what} on ${runtime.title} ${runtime.version}`);
      return [runtime.id, measure(runtime)];
    }),
  );
}

const results = await withTokens(async (tokens) => ({
  machine: machine(),
  speed: inEach(runtimes, "speed", (runtime) => ({
    title: runtime.title,
    ...measureSpeed(runtime, tokens, ROUNDS),
  })),
  coldStart: inEach(runtimes, "cold start", (runtime) => measureColdStart(runtime, COLD_ROUNDS)),
  steps: inEach(runtimes, "steps", (runtime) => measureSteps(runtime, tokens)),
  memory: inEach(nodes, "memory", (runtime) => measureMemory(runtime, tokens)),
}));
say("sizes");
results.sizes = await measureSizes();
results.parts = await measureParts();
say(`growth on ${runtimes[0].title}`);
results.growth = measureGrowth(runtimes[0]);
keepResults(results);
writePage();
say("wrote docs/performance.md and its charts");
