// docs/performance.md, whole, from the results alone.

import { CONTESTANTS } from "../speed/contestants.js";
import { growthSection } from "./growth.js";
import { thousands } from "./numbers.js";
import { picture } from "./picture.js";
import { profileSection } from "./profile.js";
import { sizeSection } from "./size.js";
import { otherRuntimes, speedSection } from "./speed.js";
import { table } from "./table.js";

export function page(results) {
  const { machine, speed, profile, coldStart, memory, allocation, sizes, promises, growth } =
    results;
  const [first, ...others] = Object.values(speed);
  const titles = Object.fromEntries(Object.entries(speed).map(([id, { title }]) => [id, title]));
  return `${[
    `<!-- Written by \`npm --prefix bench start\`: do not edit. -->
# Performance

Measured on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${machine.system}. Another machine has other
microseconds; the ratios are what to compare.

${machine.note === undefined ? "" : `${machine.note}\n\n`}Two figures matter to an application. **Main-thread time** is how long one token keeps the event loop from other
work. **Throughput** is how many tokens per second are verified. Most requests of a session repeat a token that was
verified before; for those, see "repeated".

${picture("performance", `Bar charts for ${first.title}: main-thread time and throughput of each library, and time per repeated token. The tables below have the figures.`)}`,
    speedSection(first),
    profileSection(profile, first),
    otherRuntimes(others),
    memorySection(memory, allocation, titles),
    sizeSection(sizes, promises),
    coldStartSection(coldStart, titles),
    growthSection(growth),
    method(first),
  ].join("\n\n")}\n`;
}

function memorySection(memory, allocation, titles) {
  const runtimes = Object.keys(memory);
  const head = runtimes.map((id) => titles[id]);
  const rowsOf = (figures) =>
    Object.keys(Object.values(figures)[0]).map((name) => [
      name,
      ...runtimes.map((id) => thousands(figures[id][name])),
    ]);
  return `## Memory

Bytes of heap that one verification allocates, with 64 at once. They are garbage soon after, except for a remembered
verdict.

${table(["Library", ...head], rowsOf(allocation))}

Bytes of heap that one remembered verdict keeps, with caches of 1,000 tokens. postern keeps the token of 910
characters itself. fast-jwt keeps a digest, which is smaller and has to be computed for every request. The other
libraries remember no verdicts.

${table(["Library", ...head], rowsOf(memory))}`;
}

function coldStartSection(coldStart, titles) {
  const runtimes = Object.keys(coldStart);
  const names = Object.keys(Object.values(coldStart)[0].over);
  const entry = ({ milliseconds, spread }) => `${milliseconds.toFixed(1)} ±${spread.toFixed(1)}`;
  const rows = [
    ...names.map((name) => [name, ...runtimes.map((id) => entry(coldStart[id].over[name]))]),
    ["an empty process", ...runtimes.map((id) => entry(coldStart[id].empty))],
  ];
  return `## Cold start

Milliseconds that a new process takes longer when it imports the library as npm installs it. Median ± half the
interquartile range.

${table(["Library", ...runtimes.map((id) => titles[id])], rows)}`;
}

function method({ rounds, count }) {
  const rows = CONTESTANTS.map(({ name, setUp, sync }) => [
    name,
    setUp,
    sync ? "synchronous" : "a promise",
  ]);
  return `## How it is measured

- All libraries run in one process. In each of ${rounds} rounds every library takes a turn at every case, in changing order.
  Three rounds of warm-up do not count. Ratios are medians of the ratios within a round.
- There are 2,000 different tokens of 910 characters, shaped like those of Cloudflare Access, signed with RSA-2048.
  A turn takes ${count} of them.
- Every token is a new string object, as if read from a socket: a string that is used twice keeps its hash, and
  makes every cache look faster.
- Every turn starts with a new verifier that has its keys.
- **Repeated**: 100 sessions in turn, after the first request of each. **Repeated request**: the same with a request of
  Node's HTTP server with 17 headers. **Forged**: another token's signature, after one genuine token.
  **Decoded only**: header and payload without verification.
- Before the measurement each library must accept a genuine token, and refuse a forged one, an expired one, one for
  another audience and one of another issuer. A library that does not run on a runtime is named there.
- The algorithm is fixed; \`iss\`, \`aud\` and \`exp\` are checked, with a clock tolerance of 60 s where there is one.
- Synchronous libraries are called in a plain loop, without \`await\`.

${table(["Library", "Set up with", "Answers with"], rows)}`;
}
