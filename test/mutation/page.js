import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "mutation.md");
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const count = (value) => value.toLocaleString("en");

/** Writes what was found in each room the last time that it was measured. */
export async function writePage(results) {
  await writeFile(PAGE, pageOf(Object.entries(results)));
}

function pageOf(rooms) {
  const sum = (of) => rooms.reduce((total, [, result]) => total + of(result), 0);
  const changes = sum((result) => result.changes);
  const noticed = sum((result) => result.noticed);
  const endless = sum((result) => result.endless);
  const explained = rooms.flatMap(([, result]) => result.explained);
  return `<!-- Written by \`npm --prefix test/mutation start\`: do not edit. -->
# Would a test notice?

Coverage says that a line was run, not that anyone looked at what it did. So [Stryker](https://stryker-mutator.io/)
changes the core, one expression at a time: \`<\` becomes \`<=\`, a condition becomes \`true\`, a block becomes
empty. After each change the tests that reach it are run, and one of them should fail.

Of ${count(changes)} changes the tests noticed ${count(noticed)}: **${percent(noticed, changes)}**. Under 95 % in any room, the run fails.

| | changes | noticed | of these by a time limit | not noticed | |
| --- | ---: | ---: | ---: | ---: | ---: |
${rooms.map(row).join("\n")}

A change that makes the code run for ever is noticed by a time limit. A busy machine can take for endless
what is only slow: without all of those it would be ${percent(noticed - endless, changes)}. What the compiler alone would
refuse counts like anything else.

## What no test notices

Each of these ${explained.length} changes was looked at. Either nothing becomes different that a caller could see, or
only speed or memory does; the reason is beside it. The run fails when a change goes unnoticed that is not
in this list, and when one of the list is noticed after all.

${sections(explained)}

## Run it

\`\`\`sh
npm ci
npm --prefix test/mutation ci
npm --prefix test/mutation test                        # one room, a few minutes
npm --prefix test/mutation start -- verify             # what changed in a room since the last time; writes this page
npm --prefix test/mutation start -- --afresh           # everything, well over an hour on two cores
\`\`\`
`;
}

function row([room, { changes, noticed, endless }]) {
  const cells = [`\`src/${room}/\``, changes, noticed, endless, changes - noticed];
  return `| ${cells.join(" | ")} | ${percent(noticed, changes)} |`;
}

function sections(explained) {
  return [...group(explained, ({ file }) => file)]
    .map(([file, changes]) => `### ${file}\n\n${items(changes)}`)
    .join("\n\n");
}

function items(changes) {
  return [...group(changes, ({ line, why }) => `${code(line)}: ${why}`)]
    .map(([reason, alike]) => {
      const kinds = alike.map(({ code: from, becomes }) => `  - ${code(from)} → ${code(becomes)}`);
      return `- ${reason}\n${[...new Set(kinds)].join("\n")}`;
    })
    .join("\n");
}

function group(list, by) {
  const groups = new Map();
  for (const item of list) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return groups;
}

/** Code in Markdown, cut where it is long. */
function code(text) {
  const short = text.length > 100 ? `${text.slice(0, 97)}…` : text;
  return short.includes("`") ? `\`\` ${short} \`\`` : `\`${short}\``;
}
