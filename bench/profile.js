// Where the main thread spends its time, by V8's profiler: node profile.js tokens.json  prints one JSON object.

import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fresh } from "./speed/cases.js";
import { CONTESTANTS, POSTERN } from "./speed/contestants.js";
import { requestWith } from "./speed/requests.js";

const CROWD = 64;
const MILLISECONDS = 3000;
const MICROSECONDS_PER_SAMPLE = 100;

const { keys, accepted, forged } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const encode = (tokens) => tokens.map((token) => new TextEncoder().encode(token));
const genuine = encode(accepted);
const wrong = encode(forged);
const { create, createForRequests } = await CONTESTANTS.find(({ name }) => name === POSTERN).load(
  keys,
);

/** Verifies crowds of tokens for a while. Each crowd that comes round again gets a new verifier. */
async function keepBusy(make, tokens, toInput) {
  const until = performance.now() + MILLISECONDS;
  let verify;
  for (let at = 0; performance.now() < until; at = (at + CROWD) % (tokens.length - CROWD)) {
    if (at < CROWD) verify = await make();
    const inputs = tokens.slice(at, at + CROWD).map(toInput);
    await Promise.all(inputs.map((input) => verify(input).catch(() => {})));
  }
}

/** Keeps one verifier busy with the same tokens. */
async function repeat(toInput) {
  const verify = await createForRequests();
  await keepBusy(async () => verify, genuine.slice(0, 2 * CROWD), toInput);
}

const CASES = {
  atOnce: () => keepBusy(create, genuine, fresh),
  forged: () => keepBusy(create, wrong, fresh),
  request: () => repeat(requestWith),
};

/** What a sample belongs to: a function of postern's, or what is not ours, as one. */
function placeOf({ functionName, url }) {
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "garbage collection";
  if (url.includes("/dist/")) return functionName || "anonymous functions";
  if (url.includes("/bench/")) return "the benchmark";
  return url.startsWith("node:") ? "Node" : "the engine";
}

/** The share of each place in the time that the main thread was busy for postern. */
function sharesOf({ nodes, samples, timeDeltas }) {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = {};
  for (const [at, id] of samples.entries()) {
    const place = places.get(id);
    times[place] = (times[place] ?? 0) + timeDeltas[at];
  }
  const { idle, "the benchmark": bench, ...ours } = times;
  const whole = Object.values(ours).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(
    Object.entries(ours)
      .map(([place, time]) => [place, time / whole])
      .sort(([, one], [, other]) => other - one),
  );
}

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: MICROSECONDS_PER_SAMPLE });
const shares = {};
for (const [name, run] of Object.entries(CASES)) {
  await run();
  await session.post("Profiler.start");
  await run();
  const { profile } = await session.post("Profiler.stop");
  shares[name] = sharesOf(profile);
}
session.disconnect();
console.log(JSON.stringify(shares));
