import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { chart } from "./chart.js";
import { allowance, readings } from "./judge.js";

const DOCS = join(import.meta.dirname, "..", "..", "docs");
const MB = 2 ** 20;
const count = (value) => Math.round(value).toLocaleString("en");

/** Writes what a run found, with its picture. */
export async function writePage(run, { gauges, checks }) {
  await writeFile(join(DOCS, "img", "soak.svg"), chart(run.samples));
  await writeFile(join(DOCS, "soak.md"), pageOf(run, gauges, checks));
}

function pageOf(run, gauges, checks) {
  const { duration, requests, rounds, weather, tally, fetches } = run;
  const minutes = Math.round(duration / 60);
  const measured = readings(run.samples, "memory").length / rounds;
  // From the middle of the first third to the middle of the last.
  const leak = allowance("memory", gauges.memory.first) / ((requests * measured * 2) / 3);
  const wrong = [...tally.values()].reduce((sum, kind) => sum + kind.wrong, 0);
  return `<!-- Written by \`node test/soak/run.js --seconds ${Math.round(duration / 60) * 60} --page\`: do not edit. -->
# ${minutes} minutes in changing weather

A guard runs for months. Does it get slower, fatter or laxer on the way? This page is the outcome of one
run of ${minutes} minutes in one process: a guarded origin on loopback, its team's certs endpoint, and
${count(requests)} requests over HTTP, while keys rotate, are withdrawn, and cannot be had. The key set's waits are
short, so that the minutes hold ${count(weather.rotations)} rotations, ${count(weather.withdrawals)} withdrawals and ${count(weather.outages)} outages.

## Every answer is known beforehand

The weather changes only while nobody asks, so that each request has one right answer: for a genuine token
the name of its bearer, else the status. An outage is a refused connection, a status 500, silence, a web
page, an empty key set or half a body, in turn.

| request | right answer | asked | wrong |
| --- | --- | ---: | ---: |
${[...tally].map(([name, kind]) => `| ${name} | ${ANSWERS[name]} | ${count(kind.asked)} | ${kind.wrong} |`).join("\n")}
| **all** | | **${count(requests)}** | **${wrong}** |

The guard asked the endpoint ${count(fetches)} times.

## It ends as it began

![Memory and the event loop's delay, round by round](img/soak.svg)

Read after each spell of traffic, memory after a garbage collection. The first fifth of the run is left
out: caches fill in it, and code is compiled. The median of the last third is then held against that of
the first.

| | first third | last third | may rise by |
| --- | ---: | ---: | ---: |
| memory, MB | ${(gauges.memory.first / MB).toFixed(2)} | ${(gauges.memory.last / MB).toFixed(2)} | ${(allowance("memory", gauges.memory.first) / MB).toFixed(2)} |
| open handles | ${gauges.handles.first} | ${gauges.handles.last} | ${allowance("handles", gauges.handles.first).toFixed(0)} |
| delay of the event loop, ms | ${gauges.delay.first.toFixed(2)} | ${gauges.delay.last.toFixed(2)} | ${allowance("delay", gauges.delay.first).toFixed(1)} |
| processor time a request, µs | ${count(gauges.cpu.first)} | ${count(gauges.cpu.last)} | ${count(allowance("cpu", gauges.cpu.first))} |

A leak of more than ${Math.ceil(leak)} bytes a request would have been seen. Memory and processor time are those of
the whole process, the clients and the endpoint included.

${checks.map(({ title, isMet }) => `- ${isMet ? "✓" : "✗"} ${title}`).join("\n")}

Node ${process.versions.node}, ${cpus().length} processors. \`node test/soak/run.js\` runs it for 30 seconds, as
the project's own tests do.
`;
}

const LET_IN = "200 and the name";
const ANSWERS = {
  "genuine, again and again": LET_IN,
  "genuine, for the first time": LET_IN,
  "genuine, in a cookie": LET_IN,
  "genuine, under the key before": LET_IN,
  hostile: "401",
  "no token, or in the wrong place": "401",
  "under a key that was dropped": "401, in an outage 503",
  "under a key that never was": "401, in an outage 503",
  "under a withdrawn key": "401",
};
