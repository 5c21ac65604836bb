// Measures everything in every runtime that is installed, keeps the results, and writes docs/performance.md
// and the charts. About eight minutes on a quiet machine.
//   node start.js [--tiny|--short]
// --tiny: one round of everything, to see that it runs; keeps and writes nothing. --short: a few rounds.

import {
  machine,
  measureAllocation,
  measureColdStart,
  measureGrowth,
  measureMemory,
  measureSpeed,
  measureSteps,
  withTokens,
} from "./measure.js";
import { measurePromises } from "./promises.js";
import { keepResults, pageOf, writePage } from "./results.js";
import { findRuntimes } from "./runtimes.js";
import { measureSizes } from "./size.js";

const isTiny = process.argv.includes("--tiny");
const isShort = isTiny || process.argv.includes("--short");
const few = isTiny ? 1 : 3;
// The first runtime is the one that the page speaks of most.
const ROUNDS = isShort ? [few, few] : [21, 9];
const COLD_ROUNDS = isShort ? few : 11;
const ALLOCATION_ROUNDS = isShort ? few : 9;

const started = performance.now();
const runtimes = findRuntimes();
const [first] = runtimes;
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

say("sizes");
const sizes = await measureSizes();
const promises = await measurePromises();
const results = await withTokens(async (tokens) => ({
  machine: machine(),
  speed: inEach(runtimes, "speed", (runtime) => ({
    title: runtime.title,
    ...measureSpeed(runtime, tokens, ROUNDS[runtime === first ? 0 : 1]),
  })),
  allocation: inEach(nodes, "allocation", (runtime) =>
    measureAllocation(runtime, tokens, ALLOCATION_ROUNDS),
  ),
  memory: inEach(nodes, "memory", (runtime) => measureMemory(runtime, tokens)),
  steps: inEach(runtimes, "steps", (runtime) => measureSteps(runtime, tokens)),
  coldStart: inEach(runtimes, "cold start", (runtime) => measureColdStart(runtime, COLD_ROUNDS)),
}));
say(`growth on ${first.title}`);
const growth = measureGrowth(first, { isTiny });
const all = { ...results, sizes, promises, growth };
if (isTiny) {
  pageOf(all);
  const { performanceChart } = await import("./charts/performance.js");
  const { growthChart } = await import("./charts/growth.js");
  const { PALETTES } = await import("./charts/palettes.js");
  for (const chart of [performanceChart, growthChart]) chart(all, PALETTES.light);
  say("everything runs; nothing was written");
} else {
  keepResults(all);
  await writePage();
  say("wrote bench/results.json, docs/performance.md and the charts");
}
