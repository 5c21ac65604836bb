// docs/performance.md, whole, from the results alone.

import { FLAT, judgeGrowth, LINEAR } from "../growth/verdict.js";
import { CASES } from "../speed/cases.js";
import { BY_HAND, CONTESTANTS, POSTERN, RAW } from "../speed/contestants.js";
import { humanCount, microsecondsText, thousands } from "./numbers.js";
import { table } from "./table.js";

const COUNTED = {
  tokens: "distinct tokens seen by one verifier",
  teams: "teams in one verifier",
  keys: "keys in a set",
};

export function page(results) {
  const { machine, speed, steps, coldStart, memory, sizes, parts, growth } = results;
  const [first, ...others] = Object.values(speed);
  return `${[
    `# Performance

\`npm --prefix bench start\` wrote this page. Every figure is from that run: ${machine.date}, ${machine.cpu},
${machine.cores} cores, ${machine.system}. Compare ratios, not microseconds; another machine has others.`,
    `![Verifications per second](img/performance.svg)`,
    `## At a glance (${first.title})

${glance(first)}`,
    besideTheSignature(first),
    whereOthersAreFaster(first),
    speedSection(first),
    ...others.map(speedSection),
    stepsSection(steps, speed),
    coldStartSection(coldStart, speed),
    memorySection(memory, speed),
    sizeSection(sizes, parts),
    growthSection(growth),
    method(first),
  ].join("\n\n")}\n`;
}

function glance({ ratios, cases }) {
  const headline = ratios.map(({ text, value }) => [text, value.toFixed(2)]);
  const best = Object.entries(CASES).map(([id, { title }]) => {
    const [name, { microseconds }] = ours(cases[id]);
    const [rival, its] = peers(cases[id])[0];
    return [
      title,
      `${microsecondsText(microseconds)} (${name})`,
      `${microsecondsText(its.microseconds)} (${rival})`,
    ];
  });
  return `${table(["ratio, above 1 postern is faster", ""], headline)}

${table(["µs per token", "postern", "the fastest peer"], best)}`;
}

/** How near raw verification anyone can come who starts with a string. */
function besideTheSignature({ cases }) {
  const rows = ["sequence", "atOnce"].map((id) => [
    CASES[id].title,
    ...[BY_HAND, POSTERN].map((name) => cases[id][name].ofRaw.toFixed(2)),
  ]);
  return `### How near the limit one can come

Raw verification has its bytes ready. Whoever starts with a token has to decode it, parse two JSON objects and compare claims.
"${BY_HAND}" is that and no more, in the dozen lines that one would write for a single key: \`atob\`, \`JSON.parse\`,
three comparisons, nothing strict, no key set, no frozen answer. What it keeps of raw verification is about what there is
to be kept here; how much that is depends on what a machine takes to hand a signature to another thread and back.

${table(["of raw verification, above 1 faster", BY_HAND, POSTERN], rows)}`;
}

/** Said for every case, not only where it flatters. */
function whereOthersAreFaster({ title, cases }) {
  const lines = Object.entries(CASES).flatMap(([id, { title: its }]) => {
    const mine = ours(cases[id])[1].microseconds;
    const faster = peers(cases[id]).filter(([, { microseconds }]) => microseconds < mine);
    if (faster.length === 0) return [];
    const list = faster.map(
      ([name, { microseconds }]) => `${name} (× ${(mine / microseconds).toFixed(2)})`,
    );
    const synchronous = faster.filter(([name]) => isSynchronous(name)).map(([name]) => name);
    return [{ id, text: `- ${its}: ${list.join(", ")}.`, synchronous }];
  });
  if (lines.length === 0) return `No peer is faster in any case on ${title}.`;
  const isHop = lines.some(({ id, synchronous }) => id !== "decode" && synchronous.length > 0);
  const isDecode = lines.some(({ id }) => id === "decode");
  return [
    "### Where a peer is faster, and why",
    lines.map(({ text }) => text).join("\n"),
    ...(isHop ? [hop(cases)] : []),
    ...(isDecode
      ? [
          `Decoding, postern is strict where others are not: one spelling for each token, no malformed UTF-8, a signature
that could be one. Who only wants to look at a token can have less for less.`,
        ]
      : []),
  ].join("\n\n");
}

function hop({ sequence, atOnce }) {
  const [one, many] = [sequence, atOnce].map((each) => microsecondsText(each[RAW].microseconds));
  return `${CONTESTANTS.filter(({ sync }) => sync)
    .map(({ name }) => name)
    .join("; ")}: these verify with synchronous \`node:crypto\`. WebCrypto hands each
signature to another thread and takes the answer back, and in sequence nothing else happens meanwhile: raw
verification itself takes ${one} µs in sequence, and ${many} µs with 64 at once. postern stays with WebCrypto,
because every runtime has it, and because a synchronous verification holds up the one thread that serves all
other requests: on a busy server the hop costs little, and a second core helps. A session's later requests
are repeated tokens anyway.`;
}

function isSynchronous(name) {
  return CONTESTANTS.some((contestant) => contestant.name === name && contestant.sync);
}

function speedSection({ title, version, rounds, leftOut, cases }) {
  const ids = Object.keys(CASES);
  const names = CONTESTANTS.map(({ name }) => name).filter((name) => cases.sequence[name]);
  const rows = names.map((name) => [name, ...ids.map((id) => cell(cases[id][name]))]);
  const missing = Object.entries(leftOut).map(([name, reason]) => `${name} (${reason})`);
  return `## Speed on ${title}

${title.split(" ")[0]} ${version}. Microseconds per token: the median of ${rounds} rounds ± half the middle half of them; behind
it the speed as a share of raw verification in the same round, above 1 faster.

${table(["", ...ids.map((id) => CASES[id].title)], rows)}${
  missing.length === 0 ? "" : `\n\nLeft out, because it does not run here: ${missing.join("; ")}.`
}`;
}

function cell(figures) {
  if (figures === undefined) return "–";
  const { microseconds, spread, ofRaw } = figures;
  const share = ofRaw === undefined ? "" : ` · ${ofRaw.toFixed(2)}`;
  return `${microsecondsText(microseconds)} ±${(spread * 100).toFixed(0)} %${share}`;
}

function stepsSection(steps, speed) {
  const runtimes = Object.keys(steps);
  const rows = Object.keys(Object.values(steps)[0]).map((name) => [
    name,
    ...runtimes.map((id) => microsecondsText(steps[id][name])),
  ]);
  return `## What the steps cost

Microseconds for one step, beside what could stand in its place, with tokens of 910 characters that are new string
objects. These are loops of one thing: in a whole verification a step finds colder caches.

${table(["", ...runtimes.map((id) => speed[id].title)], rows)}`;
}

function coldStartSection(coldStart, speed) {
  const runtimes = Object.keys(coldStart);
  const names = Object.keys(Object.values(coldStart)[0].over);
  const entry = ({ milliseconds, spread }) => `${milliseconds.toFixed(1)} ±${spread.toFixed(1)}`;
  const rows = [
    ...names.map((name) => [name, ...runtimes.map((id) => entry(coldStart[id].over[name]))]),
    ["an empty process", ...runtimes.map((id) => entry(coldStart[id].empty))],
  ];
  return `## Cold start

Milliseconds that a fresh process takes longer when it imports the library, as npm installs it: the
median of interleaved rounds ± half the middle half of them.

${table(["", ...runtimes.map((id) => speed[id]?.title ?? id)], rows)}`;
}

function memorySection(memory, speed) {
  const runtimes = Object.keys(memory);
  const names = Object.keys(Object.values(memory)[0]);
  const rows = names.map((name) => [name, ...runtimes.map((id) => thousands(memory[id][name]))]);
  return `## Memory for each remembered verdict

Bytes of heap, a token of 910 characters included where the cache keeps it, with caches of 1,000. The
other libraries remember no verdicts. fast-jwt keeps a digest in the token's stead, which is smaller
and has to be computed on every call.

${table(["", ...runtimes.map((id) => speed[id]?.title ?? id)], rows)}`;
}

function sizeSection(sizes, parts) {
  const rows = sizes.map(({ name, minified, gzip }) => [
    name,
    thousands(minified),
    thousands(gzip),
  ]);
  return `## Size

Bytes, bundled for a browser by esbuild, minified, and after gzip at its strongest. Frameworks that an
adapter is for, and Node's own modules, are not counted. fast-jwt and jsonwebtoken need Node and do
not bundle for browsers; hono/jwt remembers no remote key set.

${table(["", "minified", "gzip"], rows)}

postern's verifier is the largest of the three. Its key set has rules for rotations, outages, back-off, waiting and
bounded sizes, it has several issuers, events, requests and cookies, and it says in one sentence what is
wrong with an option. This is where \`createVerifier\` has its bytes, minified:

${table(
  ["folder of src/", "bytes", "share"],
  parts.map(([name, bytes]) => [name, thousands(bytes), share(bytes, parts)]),
)}`;
}

function share(bytes, parts) {
  const all = parts.reduce((sum, [, each]) => sum + each, 0);
  return `${Math.round((100 * bytes) / all)} %`;
}

function growthSection(growth) {
  const rows = Object.entries(growth).flatMap(([kind, series]) =>
    series.map((each) => {
      const { growth: found, exponent, passes } = judgeGrowth(each);
      const figures = each.points.map(
        ([count, value]) => `${humanCount(count)}: ${amount(value, each.unit)}`,
      );
      const verdict = passes ? found : `**${found}**`;
      return [COUNTED[kind], each.name, figures.join(" · "), `${verdict} (${exponent.toFixed(2)})`];
    }),
  );
  return `## How cost grows

![Cost against tokens, teams and keys](img/growth.svg)

The last column is the power of the count that fits best: 0 is flat, 1 is linear. Below ${FLAT} passes for flat
and below ${LINEAR} for linear: the more there is in memory, the colder are the processor's caches. What is worse than natural would be in bold.

${table(["against", "", "", "growth"], rows)}

Ten thousand distinct tokens are really signed. Beyond that the signature operation is replaced by one
that says yes, in a process of its own, and all the rest of a verification is measured: parsing,
claims, caches, evictions. Refused tokens are all real: nobody has to sign them. The other keys of a large
set are random moduli; the key that signed is the last one. A token without a \`kid\` has to be tried
with every key; those of Access always have one.`;
}

function amount(value, unit) {
  return unit === "µs" ? `${microsecondsText(value)} µs` : `${thousands(value / 1000)} kB`;
}

function method({ count }) {
  const rows = CONTESTANTS.map(({ name, setUp, sync }) => [
    name,
    setUp,
    sync ? "synchronous" : "a promise",
  ]);
  return `## How it is measured

- One process, everyone in it. In each round everyone takes a turn at every case, from another place in the
  line each time and alternately forwards and backwards; three rounds of warm-up do not count.
- 2,000 distinct tokens of 910 characters, shaped like those of Cloudflare Access, RSA-2048; the same ones for
  everyone and every runtime. A turn at a distinct case takes ${count} of them on the first runtime.
- Every token arrives as a new string object, decoded from bytes outside the clock, as from a socket: a string that
  is used twice keeps its hash and flatters every cache.
- "Repeated" is 100 sessions in turn, after the first request of each. "Refused" tokens carry another token's
  signature. "Decode only" gives back header and payload.
- No garbage collection is forced between turns; what falls into one turn by chance does not move a median.
- Every turn starts with a new verifier that has its keys, so that distinct tokens are distinct for caches too.
- Before anything is measured, everyone must accept a genuine token, and refuse a forged one, an expired one, and
  one of another audience or issuer.
- The algorithm is pinned, \`iss\`, \`aud\` and \`exp\` are checked, with a grace of 60 s where it can be given.
- A synchronous library is called in a plain loop, without \`await\`.

${table(["", "set up with", "answers with"], rows)}`;
}

function ours(figures) {
  return sorted(figures).find(([name]) => name.startsWith(POSTERN));
}

function peers(figures) {
  return sorted(figures).filter(
    ([name]) => name !== RAW && name !== BY_HAND && !name.startsWith(POSTERN),
  );
}

function sorted(figures) {
  return Object.entries(figures).sort(([, a], [, b]) => a.microseconds - b.microseconds);
}
