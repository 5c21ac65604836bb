// Measures every contestant in the runtime that runs this file: node speed/run.js tokens.json rounds
// Prints one JSON object.

import { readFileSync } from "node:fs";
import process from "node:process";
import { CASES, fresh } from "./cases.js";
import { createClock } from "./clock.js";
import { CONTESTANTS, RAW } from "./contestants.js";
import { judge } from "./judge.js";
import { requestWith } from "./requests.js";
import { measureRounds } from "./rounds.js";

const [file, rounds] = process.argv.slice(2);
const { keys, accepted, forged, trial } = JSON.parse(readFileSync(file, "utf8"));
const ascii = new TextEncoder();

const bytesOf = (tokens) => tokens.map((token) => ascii.encode(token));
const signed = { accepted: bytesOf(accepted), forged: bytesOf(forged) };

/** The input of raw verification. */
function takenApart(bytes) {
  const dot = bytes.lastIndexOf(46);
  const signature = atob(
    fresh(bytes.subarray(dot + 1))
      .replaceAll("-", "+")
      .replaceAll("_", "/"),
  );
  return {
    signature: Uint8Array.from(signature, (character) => character.charCodeAt(0)),
    signingInput: bytes.slice(0, dot),
  };
}

const ready = new Map();
function rawInput(bytes) {
  let input = ready.get(bytes);
  if (input === undefined) {
    input = takenApart(bytes);
    ready.set(bytes, input);
  }
  return input;
}

const inputOf = (name) => (name === RAW ? rawInput : fresh);

const contestants = [];
const leftOut = {};
for (const contestant of CONTESTANTS) {
  try {
    const candidate = { ...contestant, loaded: await contestant.load(keys) };
    const toInput = inputOf(contestant.name);
    await judge(candidate, trial, (token) => toInput(ascii.encode(token)));
    contestants.push(candidate);
  } catch (error) {
    leftOut[contestant.name] = String(error?.message ?? error).split("\n")[0];
  }
}

const clock = createClock();

async function prepare({ name, sync = false, loaded }, round, id) {
  const isRequest = id === "request";
  const verify = await (isRequest ? loaded.createForRequests() : loaded.create());
  const toInput = isRequest ? requestWith : inputOf(name);
  return {
    contestant: { verify, decode: loaded.decode, sync, toInput },
    input: { ...signed, clock, round, count },
  };
}

/** As many tokens for one turn as raw verification handles in about 40 ms. */
let count = 64;
async function calibrate() {
  const raw = contestants.find(({ name }) => name === RAW);
  let microseconds = 0;
  for (let round = 0; round < 5; round++) {
    const setting = await prepare(raw, round);
    microseconds = (await CASES.sequence.run(setting.contestant, setting.input)).wall;
  }
  const crowds = Math.round(40_000 / microseconds / 64);
  count = 64 * Math.min(12, Math.max(1, crowds));
}

await calibrate();
// No collection is forced. After a full one the young generation is small again and compiled code
// is dropped, which is not how a server runs.
const figures = await measureRounds(CASES, contestants, {
  rounds: Number(rounds),
  warmUps: Math.min(3, Number(rounds)),
  prepare,
});
console.log(JSON.stringify({ figures, leftOut, count, clock: clock.source }));
