// Measures everything in every runtime that is installed, keeps the results, and writes docs/performance.md
// and the charts. Less than ten minutes on a quiet machine.
//   node start.js [PART …]   all parts, or only these: the others stay as they were
//   --tiny                   one round of everything, to see that it runs; keeps and writes nothing

import { parseArgs } from "node:util";
import {
  machine,
  measureAllocation,
  measureColdStart,
  measureGrowth,
  measureMemory,
  measureProfile,
  measureSpeed,
  measureSteps,
  withTokens,
} from "./measure.js";
import { measurePromises } from "./promises.js";
import { keepResults, pageOf, readResults, writePage } from "./results.js";
import { findRuntimes } from "./runtimes.js";
import { measureSizes } from "./size.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tiny: { type: "boolean", default: false } },
});
const isTiny = values.tiny;
// The first runtime is the one that the page speaks of most.
const ROUNDS = isTiny ? [1, 1] : [21, 9];
const COLD_ROUNDS = isTiny ? 1 : 11;
const ALLOCATION_ROUNDS = isTiny ? 1 : 9;

const started = performance.now();
const runtimes = findRuntimes();
const [first] = runtimes;
const nodes = runtimes.filter(({ id }) => id.startsWith("node"));

/** Each gives back what results.json holds under its name; those that can fail early come first. */
const PARTS = {
  sizes: measureSizes,
  promises: measurePromises,
  speed: (tokens) =>
    inEach(runtimes, "speed", (runtime) => ({
      title: runtime.title,
      ...measureSpeed(runtime, tokens, ROUNDS[runtime === first ? 0 : 1]),
    })),
  allocation: (tokens) =>
    inEach(nodes, "allocation", (runtime) => measureAllocation(runtime, tokens, ALLOCATION_ROUNDS)),
  profile: (tokens) => measureProfile(first, tokens),
  memory: (tokens) => inEach(nodes, "memory", (runtime) => measureMemory(runtime, tokens)),
  steps: (tokens) => inEach(runtimes, "steps", (runtime) => measureSteps(runtime, tokens)),
  coldStart: () =>
    inEach(runtimes, "cold start", (runtime) => measureColdStart(runtime, COLD_ROUNDS)),
  growth: () => measureGrowth(first, { isTiny }),
};

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

const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);
const results = await withTokens(async (tokens) => {
  const kept = positionals.length > 0 ? readResults() : { machine: machine() };
  for (const part of chosen) {
    if (PARTS[part] === undefined) throw new Error(`parts are ${Object.keys(PARTS).join(", ")}`);
    say(part);
    kept[part] = await PARTS[part](tokens);
  }
  return kept;
});

if (isTiny) {
  const { performanceChart } = await import("./charts/performance.js");
  const { growthChart } = await import("./charts/growth.js");
  const { PALETTES } = await import("./charts/palettes.js");
  pageOf(results);
  for (const draw of [performanceChart, growthChart]) draw(results, PALETTES.light);
  say("everything runs; nothing was written");
} else {
  keepResults(results);
  await writePage();
  say("wrote bench/results.json, docs/performance.md and the charts");
}
