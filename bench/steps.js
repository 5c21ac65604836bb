// The cost of each step of a verification, and of the alternatives to it: interleaved
// micro-measurements.
// node steps.js tokens.json  prints one JSON object.

import { readFileSync } from "node:fs";
import process from "node:process";
import { fresh } from "./speed/cases.js";
import { median } from "./statistics.js";

const ROUNDS = 30;
const WARM_UPS = 10;
const CALLS = 500;

const { accepted } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ascii = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const bytes = accepted.slice(0, CALLS).map((token) => ascii.encode(token));
const scratch = new Uint8Array(4096);

const SIX = new Uint8Array(256).fill(255);
for (const [value, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
].entries()) {
  SIX[character.charCodeAt(0)] = value;
}

/** Whole groups of four only, which is enough to compare speeds. */
function decodeCharacters(text, from, to, out) {
  let at = 0;
  for (let index = from; index + 3 < to; index += 4) {
    const a = SIX[text.charCodeAt(index)];
    const b = SIX[text.charCodeAt(index + 1)];
    const c = SIX[text.charCodeAt(index + 2)];
    const d = SIX[text.charCodeAt(index + 3)];
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }
  return at;
}

function decodeBytes(source, from, to, out) {
  let at = 0;
  for (let index = from; index + 3 < to; index += 4) {
    const a = SIX[source[index]];
    const b = SIX[source[index + 1]];
    const c = SIX[source[index + 2]];
    const d = SIX[source[index + 3]];
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }
  return at;
}

const dots = bytes.map((token) => [token.indexOf(46), token.lastIndexOf(46)]);
const payloads = accepted.slice(0, CALLS).map((token) => token.split(".")[1]);
const textOf = (index) => atob(payloads[index].replaceAll("-", "+").replaceAll("_", "/"));
const texts = payloads.map((_, index) => textOf(index));
const byToken = new Map(accepted.map((token) => [token, token]));
const byEnd = new Map(accepted.map((token) => [token.slice(-12), token]));

const [header] = accepted[0].split(".");
const byHeader = new Map([[header, header]]);

let slab = new ArrayBuffer(0);
let used = 0;
function cutOff(size) {
  if (used + size > slab.byteLength) {
    slab = new ArrayBuffer(16_384);
    used = 0;
  }
  used += size;
  return new Uint8Array(slab, used - size, size);
}

async function nested(levels) {
  return levels === 0 ? undefined : await nested(levels - 1);
}

function withStackOf(frames, make) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames;
  const error = make();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** Each takes a new string of the token, and its number. */
const STEPS = {
  "find a token: Map keyed by all of it": (token) => byToken.get(token),
  "find a token: Map keyed by its end, then comparison": (token) =>
    byEnd.get(token.slice(-12)) === token,
  "signing input: TextEncoder.encode": (token, index) =>
    ascii.encode(token.slice(0, dots[index][1])),
  "signing input: encodeInto a kept buffer": (token) => ascii.encodeInto(token, scratch),
  "a buffer for a token and its signature: allocated": () => new Uint8Array(1253),
  "a buffer for a token and its signature: cut off 16 KB": () => cutOff(1253),
  "find a header: Map": (token, index) => byHeader.get(token.slice(0, dots[index][0])),
  "find a header: comparison": (token, index) => token.slice(0, dots[index][0]) === header,
  "signature: table, character by character": (token, index) =>
    decodeCharacters(token, dots[index][1] + 1, token.length, scratch),
  "signature: table, from bytes that are there": (_, index) =>
    decodeBytes(bytes[index], dots[index][1] + 1, bytes[index].length, scratch),
  "payload to text: atob": (_, index) => textOf(index),
  "payload to text: table and TextDecoder": (token, index) => {
    const [first, last] = dots[index];
    return utf8.decode(scratch.subarray(0, decodeCharacters(token, first + 1, last, scratch)));
  },
  "payload: JSON.parse": (_, index) => JSON.parse(texts[index]),
  "payload: JSON.parse and freeze": (_, index) => {
    const payload = JSON.parse(texts[index]);
    Object.freeze(payload.aud);
    return Object.freeze(payload);
  },
  "an Error": () => new Error("refused"),
  "an Error without a stack": () => withStackOf(0, () => new Error("refused")),
};

const AWAITED = { "one async function": () => nested(0), "four of them, nested": () => nested(3) };

const figures = {};
for (let round = -WARM_UPS; round < ROUNDS; round++) {
  for (const [name, step] of Object.entries({ ...STEPS, ...AWAITED })) {
    const tokens = bytes.map(fresh);
    const isAwaited = AWAITED[name] !== undefined;
    const start = performance.now();
    if (isAwaited) for (let call = 0; call < CALLS; call++) await step();
    else for (let call = 0; call < CALLS; call++) step(tokens[call], call);
    const microseconds = ((performance.now() - start) * 1000) / CALLS;
    if (round < 0) continue;
    figures[name] ??= [];
    figures[name].push(microseconds);
  }
}
console.log(
  JSON.stringify(
    Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)])),
  ),
);
