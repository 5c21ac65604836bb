import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "mutation.md");
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const sum = (results, of) => results.reduce((total, result) => total + of(result), 0);

/** Writes what a whole run found. */
export async function writePage(results) {
  await writeFile(PAGE, pageOf(results));
}

function pageOf(results) {
  const changes = sum(results, (result) => result.changes.length);
  const noticed = sum(results, (result) => result.noticed.length);
  const explained = results.flatMap((result) => result.explained);
  return `<!-- Written by \`npm --prefix test/mutation start\`: do not edit. -->
# Would a test notice?

Coverage says that a line was run, not that anyone looked at what it did. So [Stryker](https://stryker-mutator.io/)
changes the core, one expression at a time: \`<\` becomes \`<=\`, a condition becomes \`true\`, a block becomes
empty. After each change the tests of \`test/\` that reach it are run, and one of them should fail.

Of ${changes.toLocaleString("en")} changes the tests noticed ${noticed.toLocaleString("en")}: **${percent(noticed, changes)}**. The run fails under 95 %.

| | changes | noticed | as an endless loop | not noticed | |
| --- | ---: | ---: | ---: | ---: | ---: |
${results.map(row).join("\n")}

A change that makes the code run for ever is noticed by a time limit: the third column, which the second
includes. Types are not looked at: what the compiler alone would refuse counts like anything else.

## What no test notices

Each of these ${explained.length} changes was looked at. Either nothing that a caller could see becomes different, or
only speed or memory does; the reason is given. The run fails when a change appears that is not in this list,
and when one of the list is noticed after all.

${sections(explained)}

## Run it

\`\`\`sh
npm ci
npm --prefix test/mutation ci
npm --prefix test/mutation start              # everything, most of an hour on two cores; writes this page
npm --prefix test/mutation start -- verify    # one room, and only what changed since the last time
\`\`\`
`;
}

function row({ room, changes, noticed }) {
  const slow = noticed.filter(({ status }) => status === "Timeout").length;
  const missed = changes.length - noticed.length;
  const score = percent(noticed.length, changes.length);
  return `| \`src/${room}/\` | ${changes.length} | ${noticed.length} | ${slow} | ${missed} | ${score} |`;
}

function sections(explained) {
  return [...group(explained, ({ file }) => file)]
    .map(([file, changes]) => `### ${file}\n\n${items(changes)}`)
    .join("\n\n");
}

function items(changes) {
  return [...group(changes, ({ line, why }) => `In ${code(line)}: ${why}`)]
    .map(([reason, changes]) => {
      const kinds = changes.map(({ code: from, becomes }) => `${code(from)} → ${code(becomes)}`);
      return `- ${reason} (${[...new Set(kinds)].join(", ")})`;
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
  const short = text.length > 70 ? `${text.slice(0, 67)}…` : text;
  const fence = short.includes("`") ? "``" : "`";
  return `${fence}${fence === "``" ? ` ${short} ` : short}${fence}`;
}
