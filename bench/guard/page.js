// Writes docs/guard-performance.md from the results of the last runs of this folder and of test/guard/soak.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { table } from "../report/table.js";

const here = (path) => new URL(path, import.meta.url);
const read = (path) => JSON.parse(readFileSync(here(path), "utf8"));
const count = (value) => Math.round(value).toLocaleString("en");

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

/** The median over the rounds of one figure. */
const over = (rounds, value) => median(rounds.map(value));
const rate = (rounds, name) => count(over(rounds, (round) => round[name].rate));
const ratio = (rounds, one, other) => over(rounds, (round) => round[one].rate / round[other].rate);

export const GOALS = [
  { what: "Endpoint, repeated tokens", of: "repeated", beside: "bare", goal: 0.75 },
  { what: "Endpoint, distinct tokens", of: "distinct", beside: "raw", goal: 0.5 },
  { what: "Proxy, repeated tokens", of: "guardProxy", beside: "plainProxy", goal: 1 },
  { what: "Proxy, repeated tokens", of: "guardProxy", beside: "nginx" },
];

const TITLES = {
  bare: "`node:http` that answers 200",
  raw: "RS256 verification alone",
  plainProxy: "http-proxy-3, checks nothing",
  nginx: "nginx, checks nothing",
};

export function writePage() {
  const { date, machine, seconds, rounds } = read("results.json");
  const rows = GOALS.map(({ what, of, beside, goal }) => {
    const found = ratio(rounds, of, beside);
    const verdict = goal === undefined ? "–" : found >= goal ? "met" : "**missed**";
    return [
      ...[what, TITLES[beside], rate(rounds, of), rate(rounds, beside), found.toFixed(2)],
      ...[goal?.toFixed(2) ?? "–", verdict],
    ];
  });
  const ms = (name, share) => over(rounds, (round) => round[name][share]);
  const latency = ["p50", "p99"].map((share) => [
    share,
    ms("alone", share).toFixed(2),
    ms("guarded", share).toFixed(2),
    over(rounds, (round) => round.guarded[share] - round.alone[share]).toFixed(2),
  ]);
  const text = `<!-- Written by \`npm --prefix bench/guard start\`: do not edit. -->
# Guard performance

What does \`postern guard\` cost? Measured on ${date} with Node ${machine.node} on ${machine.cores} cores
(${machine.processor}). Compare the ratios: another machine has other rates.

## Requests per second

${table(["Measure", "Compared with", "Guard", "Other", "Ratio", "Goal", "Result"], rows)}

- **Repeated tokens**: each request brings the same token, as a session does. The guard remembers that its
  signature is good.
- **Distinct tokens**: each request brings a token that the guard does not remember, so it verifies a
  signature each time. The comparison is WebCrypto's verification with 64 in flight, without HTTP.
- **Proxy**: requests go through the guard to nginx, which answers a few bytes. http-proxy-3 and nginx proxy to
  the same server, and both keep their connections open.

## Latency behind nginx

One request at a time. nginx proxies to the application, first alone, then with \`auth_request\` to the guard.

${table(["Percentile", "nginx alone, ms", "With the guard, ms", "Added, ms"], latency)}

${soakSection()}
## How it is measured

The server under test has one core and \`wrk\` and the application have the other. Each round measures every
row for ${seconds} seconds after one second that does not count, and the table shows the median of ${rounds.length} rounds. A ratio is taken within a round. The
guard runs as the command, with its log off.

\`\`\`sh
apt-get install -y wrk nginx-light
npm run build && npm --prefix bench/guard ci && npm --prefix bench/guard start
\`\`\`
`;
  writeFileSync(here("../../docs/guard-performance.md"), text);
}

function soakSection() {
  const { seconds, requests, counts, memory, handles, tally } = read(
    "../../test/guard/soak/results.json",
  );
  const mb = (bytes) => (bytes / 2 ** 20).toFixed(1);
  const rows = Object.entries(tally).map(([name, { asked, wrong }]) => [name, count(asked), wrong]);
  return `## ${Math.round(seconds / 60)} minutes under attack

One run of ${count(seconds)} seconds: ${counts.rotations} key rotations, ${counts.withdrawals} withdrawn keys, ${counts.outages} outages of the certs endpoint,
and ${count(counts.attacks)} connections with malformed bytes at the same time. Each of the ${count(requests)} requests has one right answer.

${table(["Request", "Sent", "Wrong answers"], rows)}

${table(
  ["Measure", "First third", "Last third"],
  [
    ["Memory after a garbage collection, MB", mb(memory.first), mb(memory.last)],
    ["Open handles", handles.first, handles.last],
  ],
)}

\`node test/guard/soak/run.js --seconds 600 --keep\` repeats it and keeps the figures.
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writePage();
