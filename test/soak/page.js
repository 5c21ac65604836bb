import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { picture } from "../../bench/report/picture.js";
import { median } from "./flat.js";
import { allowance } from "./judge.js";

const RESULTS = join(import.meta.dirname, "results.json");
const PAGE = join(import.meta.dirname, "..", "..", "docs", "soak.md");
const MB = 2 ** 20;
const count = (value) => Math.round(value).toLocaleString("en");

/** Keeps the results of a run; the page and the chart are made from this file alone. */
export function keepResults({ samples, tally, wrong, left, ...run }, { gauges, checks }) {
  const each = (gauge) =>
    Array.from({ length: run.rounds }, (_, round) =>
      median(samples.filter((sample) => sample.round === round).map((sample) => sample[gauge])),
    );
  const series = { memory: each("memory"), delay: each("delay") };
  const results = {
    ...run,
    tally: Object.fromEntries(tally),
    gauges,
    checks: checks.map(({ title, isMet }) => ({ title, isMet })),
    series,
    node: process.versions.node,
    processors: cpus().length,
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, rounded, 1)}\n`);
}

export function readResults() {
  return JSON.parse(readFileSync(RESULTS, "utf8"));
}

export function writePage() {
  writeFileSync(PAGE, pageOf(readResults()));
}

/** Five digits are more than a gauge can measure. */
function rounded(_, value) {
  const isMeasured = typeof value === "number" && !Number.isInteger(value);
  return isMeasured ? Number(value.toPrecision(5)) : value;
}

/** docs/soak.md, whole, from the results. */
export function pageOf({ tally, gauges, checks, ...run }) {
  const { duration, requests, rounds, weather, fetches, node, processors } = run;
  const minutes = Math.round(duration / 60);
  // From the middle of the first third of the counted rounds to the middle of the last.
  const counted = (rounds - Math.ceil(rounds / 5)) / rounds;
  const leak = allowance("memory", gauges.memory.first) / ((requests * counted * 2) / 3);
  const wrong = Object.values(tally).reduce((sum, kind) => sum + kind.wrong, 0);
  return `<!-- Written by \`node test/soak/run.js --seconds ${minutes * 60} --page\`: do not edit. -->
# Soak test

Does a verifier that runs for months become slower, use more memory or make mistakes? This run of ${minutes} minutes
sent ${count(requests)} requests to a guarded HTTP server, with ${count(weather.rotations)} key rotations, ${count(weather.withdrawals)} withdrawals and
${count(weather.outages)} outages. The key set's waiting times are short for this. Everything runs in one process.

## Every answer is checked

Keys and outages change only between requests, so each request has one right answer. An outage is, in turn: a refused
connection, a status 500, no answer, an HTML page, an empty key set, half a body.

| Request | Right answer | Sent | Wrong answers |
| --- | --- | ---: | ---: |
${Object.entries(tally)
  .map(([name, kind]) => `| ${name} | ${ANSWERS[name]} | ${count(kind.asked)} | ${kind.wrong} |`)
  .join("\n")}
| **All** | – | **${count(requests)}** | **${wrong}** |

The key set endpoint was asked ${count(fetches)} times.

## Memory and delay stay flat

${picture("soak", "Two line charts over the rounds of the run: memory after garbage collection, and delay of the event loop. Both stay flat.")}

Read after each block of requests, memory after a garbage collection. The first fifth is left out, because caches fill
there. Then the medians of the first and the last third are compared.

| Figure | First third | Last third | Allowed rise |
| --- | ---: | ---: | ---: |
| Memory, MB | ${(gauges.memory.first / MB).toFixed(2)} | ${(gauges.memory.last / MB).toFixed(2)} | ${(allowance("memory", gauges.memory.first) / MB).toFixed(2)} |
| Open handles | ${gauges.handles.first} | ${gauges.handles.last} | ${allowance("handles", gauges.handles.first).toFixed(0)} |
| Event loop delay, ms | ${gauges.delay.first.toFixed(2)} | ${gauges.delay.last.toFixed(2)} | ${allowance("delay", gauges.delay.first).toFixed(1)} |
| CPU time per request, µs | ${count(gauges.cpu.first)} | ${count(gauges.cpu.last)} | ${count(allowance("cpu", gauges.cpu.first))} |

A leak of more than ${Math.ceil(leak)} bytes per request would fail the run. Clients and endpoint are included.

${checks.map(({ title, isMet }) => `- ${isMet ? "✓" : "✗"} ${title}`).join("\n")}

Node ${node}, ${processors} processors. \`node test/soak/run.js\` is the short run of 30 seconds, part of the project's tests.
`;
}

const ACCEPTED = "200, with the right name";
const ANSWERS = {
  "genuine, repeated": ACCEPTED,
  "genuine, first use": ACCEPTED,
  "genuine, in a cookie": ACCEPTED,
  "genuine, previous key": ACCEPTED,
  hostile: "401",
  "no token, or in the wrong place": "401",
  "key no longer in the set": "401; 503 in an outage",
  "key that never existed": "401; 503 in an outage",
  "withdrawn key": "401",
};
