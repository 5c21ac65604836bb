import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "mutation.md");
/** In the order in which a token passes them. */
const ROOMS = ["encoding", "token", "access", "keys", "verify", "checks", "stores", "adapters"];
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const count = (value) => value.toLocaleString("en");

/** Writes what was found in each folder the last time that it was measured, and when that was. */
export async function writePage(results) {
  await writeFile(PAGE, pageOf(results));
}

/** docs/mutation.md, whole, from the results. */
export function pageOf(results) {
  const rooms = ROOMS.filter((room) => room in results).map((room) => [room, results[room]]);
  const sum = (of) => rooms.reduce((total, [, result]) => total + of(result), 0);
  const changes = sum((result) => result.changes);
  const noticed = sum(noticedSoon);
  const explained = rooms.flatMap(([, result]) => result.explained);
  return `<!-- Written by \`npm --prefix test/mutation start\`: do not edit. -->
# Mutation testing

Coverage says that a line ran, not that a test checked its effect. So [Stryker](https://stryker-mutator.io/) changes
one expression at a time: \`<\` becomes \`<=\`, a condition becomes \`true\`, a block becomes empty. Then the tests that
reach the change run, and one of them should fail. This is done for the core, and for adapters, checks and stores.

Tests noticed ${count(noticed)} of ${count(changes)} changes: **${percent(noticed, changes)}**. The run fails below 97 % in any
folder. Folders are measured one at a time, each when its code or its tests have changed.

| Folder | Measured | Changes | Noticed | Only by a time limit | Not noticed | Share noticed |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${rooms.map(row).join("\n")}

A change that makes a loop run a hundred times as often as usual counts as noticed. Other changes make a test wait
for something that never happens, and only a time limit ends it. A slow machine can exceed the limit too, so the
share does not count these as noticed. Changes that the compiler would refuse count as well.

## Changes that no test notices

Each of these ${explained.length} changes was examined: it makes no difference that a caller can see, or only one of speed or
memory. [\`survivors.json\`](../test/mutation/survivors.json) has every one with its reason. The run fails when another
change is not noticed, and when one of these is noticed.

| File | Not noticed |
| --- | ---: |
${[...group(explained, ({ file }) => file)].map(([file, changes]) => `| \`${file}\` | ${changes.length} |`).join("\n")}

## Run it

\`\`\`sh
npm ci
npm --prefix test/mutation ci
npm --prefix test/mutation test                        # \`encoding\` and \`token\`, about two minutes: part of every check
npm --prefix test/mutation start -- verify             # what changed in a folder since the last time; writes this page
npm --prefix test/mutation start -- --afresh           # everything, about two hours on two cores
\`\`\`
`;
}

function row([room, result]) {
  const { measured, changes, noticed, late } = result;
  const soon = noticedSoon(result);
  const cells = [`\`src/${room}/\``, measured, changes, soon, late, changes - noticed];
  return `| ${cells.join(" | ")} | ${percent(soon, changes)} |`;
}

/** How many changes a test noticed, without those that only a time limit did. */
const noticedSoon = ({ noticed, late }) => noticed - late;

function group(list, by) {
  const groups = new Map();
  for (const item of list) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return groups;
}
