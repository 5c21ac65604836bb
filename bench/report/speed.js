// The two main figures of each runtime.

import { CASES } from "../speed/cases.js";
import { BY_HAND, CONTESTANTS, FAST_JWT, POSTERN, RAW } from "../speed/contestants.js";
import { microsecondsText, perSecond } from "./numbers.js";
import { table } from "./table.js";

const RATE_CASES = ["sequence", "atOnce"];

/** Everything about the first runtime. */
export function speedSection(first) {
  const { title, version, clock, cases, ratios } = first;
  return `## At a glance (${title})

"${BY_HAND}" is the least that any verifier must do: decode, \`JSON.parse\` twice, three comparisons, one fixed key.

${table(
  ["Ratio", "postern", BY_HAND, "Better is"],
  ratios.map(({ text, postern, byHand, better }) => [
    text,
    postern.toFixed(2),
    byHand === undefined ? "–" : byHand.toFixed(2),
    better,
  ]),
)}

## Main-thread time

Node ${version}. Microseconds per token, measured by ${clock}. In brackets: times raw verification in the same round.

${table(["Library", ...Object.values(CASES).map(({ title: its }) => its)], heldRows(cases, Object.keys(CASES)))}

A dash: the library remembers no verdicts, or has no such function. Synchronous libraries (${synchronous().join("; ")}) do
the RSA operation on the main thread: no other request is served meanwhile, and a second core does not help. WebCrypto
does it on another thread.

## Throughput

Tokens per second. In brackets: the share of raw verification in the same round.

${table(["Library", ...RATE_CASES.map((id) => CASES[id].title), "repeated"], rateRows(cases))}

${slower(first)}

### Why "64 at once" differs between benchmarks

${coresUsed(cases.atOnce[RAW])}WebCrypto works on a pool of threads, and the main thread prepares the next token
meanwhile. On one core the main-thread time adds to the RSA time; on four it disappears behind it. So the result
depends on how many cores are free. It also depends on what a benchmark counts: whether it creates the token's string
in the timed part, and whether it waits for a whole batch of 64 or keeps 64 running. Main-thread time does not depend
on this: compare that first.`;
}

function coresUsed({ cores }) {
  if (cores === undefined) return "";
  return `Raw verification with 64 tokens at once used ${cores.toFixed(1)} cores here. `;
}

function heldRows(cases, ids) {
  return namesIn(cases).map((name) => [
    name,
    ...ids.map((id) => {
      const figures = cases[id]?.[name];
      if (figures === undefined) return "–";
      const { held, heldToRaw } = figures;
      return withShare(microsecondsText(held), heldToRaw);
    }),
  ]);
}

function rateRows(cases) {
  return namesIn(cases).map((name) => [
    name,
    ...RATE_CASES.map((id) => {
      const { wall, wallToRaw } = cases[id][name];
      return withShare(perSecond(wall), wallToRaw && 1 / wallToRaw);
    }),
    cases.repeated[name] ? perSecond(cases.repeated[name].wall) : "–",
  ]);
}

function withShare(text, share) {
  return share === undefined || share === null ? text : `${text} (${share.toFixed(2)})`;
}

function namesIn(cases) {
  return CONTESTANTS.map(({ name }) => name).filter((name) => cases.sequence[name]);
}

function synchronous() {
  return CONTESTANTS.filter(({ sync }) => sync).map(({ name }) => name);
}

/** The cases in which another library is faster than postern, and the reason. */
function slower({ title, cases }) {
  const lines = Object.entries(CASES).flatMap(([id, { title: its }]) => {
    const mine = cases[id]?.[POSTERN]?.wall;
    const faster = Object.entries(cases[id] ?? {})
      .filter(([name, { wall }]) => isPeer(name) && wall < mine)
      .sort(([, one], [, other]) => one.wall - other.wall);
    if (faster.length === 0) return [];
    const list = faster.map(([name, { wall }]) => `${name} (${(mine / wall).toFixed(1)} times)`);
    return [`- ${its}: ${list.join(", ")}.`];
  });
  if (lines.length === 0) return `No other library is faster in any case on ${title}.`;
  return `**Where another library is faster** (wall time):

${lines.join("\n")}

One token after another, a synchronous library saves the way to another thread and back, which takes about as long as
the RSA operation itself. postern uses WebCrypto because every runtime has it and because the event loop stays free.
Decoding, postern also checks that a token has its one correct spelling.`;
}

function isPeer(name) {
  return name !== RAW && name !== BY_HAND && !name.startsWith(POSTERN);
}

/** One table for all further runtimes. */
export function otherRuntimes(runtimes) {
  const rows = runtimes.flatMap(({ title, cases }) =>
    [RAW, BY_HAND, POSTERN, "jose", FAST_JWT]
      .filter((name) => cases.sequence[name])
      .map((name) => {
        const { sequence, atOnce, repeated } = cases;
        return [
          title,
          name,
          microsecondsText(sequence[name].held),
          microsecondsText(atOnce[name].held),
          perSecond(sequence[name].wall),
          perSecond(atOnce[name].wall),
          repeated[name] ? microsecondsText(repeated[name].wall) : "–",
        ];
      }),
  );
  const clocks = runtimes.map(({ title, version, clock }) => `${title} (${version}): ${clock}`);
  const missing = runtimes.flatMap(({ title, leftOut }) =>
    Object.entries(leftOut).map(([name, reason]) => `${name} on ${title} (${reason})`),
  );
  return `## Other runtimes

Main-thread time in microseconds per new token, throughput in new tokens per second, and microseconds per repeated
token. Main-thread time is measured by: ${clocks.join("; ")}.${
    missing.length === 0 ? "" : ` Left out, because it does not run there: ${missing.join("; ")}.`
  }

${table(
  [
    "Runtime",
    "Library",
    "Main thread, in sequence",
    "Main thread, 64 at once",
    "Per second, in sequence",
    "Per second, 64 at once",
    "Repeated, µs",
  ],
  rows,
)}`;
}
