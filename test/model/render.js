import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FAULTS } from "./faults.js";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "model.md");
const n = (number) => number.toLocaleString("en-GB");
const inCode = (text) =>
  text === "" ? "nothing" : `\`${text.replaceAll("|", "\\|").replace(/\s+/g, " ")}\``;

/** Writes docs/model.md from what the runs have kept. */
export function render({ deep, faults, mutants }) {
  if (deep === undefined) return;
  writeFileSync(
    PAGE,
    `${[head(deep), worlds(deep), bounds(), found(faults, mutants), findings()].join("\n\n")}\n`,
  );
}

function head({ states, transitions, continued, depth, ways, steps, worked, violations, note }) {
  return `<!-- Written by \`npm run model:deep\`: do not edit. -->
# Every state of the refresh policy

Tests show examples. When a key set is asked for, trusted and given up is decided by pure functions, so
their states can be explored whole: \`src/keys/refresh-policy.ts\` and \`src/keys/lookup-policy.ts\`, as they
are shipped. This page is the outcome of the last deep run.

| | |
| --- | ---: |
| distinct states | ${n(states)} |
| transitions | ${n(transitions)} |
| states gone on from with an endpoint that answers | ${n(continued)} |
| greatest depth, in events | ${depth} |
| orders of events of the whole key set | ${n(ways)} |
| events in them | ${n(steps)} |
| seconds, added up over the worlds, on a machine with much other work | ${n(Math.round(worked))} |
| **violations** | **${violations}** |
${note === undefined ? "" : `\n${note}\n`}
\`npm run model\` explores the same worlds to a smaller depth in less than a minute, as every run of the
gate does. Both end with 1 at a violation, and print its shortest trace as a test that can be pasted into
\`test/keys/remote\`.

## How it works

A **world** is an origin, a store, up to three instances, their lookups, and a clock. From each state every
event that can happen next is tried, breadth first. Two states are the same when they differ only in what
cannot matter: times count from now, refreshes by their order, and lookups and instances have no names.

Nothing is copied from the policy. An instance of the model is the shipped \`HeldSet\` with its own \`start\`,
\`revalidate\`, \`recheck\`, \`install\` and \`giveUp\`; only the promise inside a refresh is replaced by an event.
One round of a waiting lookup is written again (\`turn\` in \`test/model/world.js\`), because it waits. So the
**whole key set** runs beside the model as well: \`createRemoteKeySet\`, with its promises, timers and fetches
owned by a scheduler, in every order of the events of small worlds. After each event the two must agree on
what is held, since when, what is asked for, who waits, and how each lookup ended.

The rules are written a second time in \`test/model/laws.js\`, from what happened and not from the policy's
state. In every state:

- the standing of the set is what the rules say, so that no key is trusted past its bound or from the future;
- a known kid is never refused and never waits while the set may be trusted;
- no older answer replaces a newer one, and no useless answer replaces anything;
- a refresh starts only when it may: one that counts at a time unless its leader is doubted, one for unknown
  kids in a cooldown, one for signatures in a minute, none while failures forbid it, and at most five
  fetches under way after four doubts;
- each wait after a failure has the length that the rules say;
- \`key_not_found\` comes only with proof, or for an old token; each other refusal has a reason;
- no more lookups wait than may, and each ends within its longest wait;
- from there, when the endpoint answers, every lookup ends and the set becomes fresh, within the longest
  back-off and one wait. This is tried with one visitor and with a crowd of unknown kids. The short run goes
  on from every state, the deep one from every fourth.`;
}

function worlds({ worlds }) {
  const rows = worlds.map(({ kind, name, states, transitions, depth, ways, isCut }) =>
    kind === "small"
      ? `| whole key set: ${name} | ${n(ways)} orders${isCut ? ", cut" : ""} | | |`
      : `| ${name} | ${n(states)} | ${n(transitions)} | ${depth} |`,
  );
  return [
    "## The worlds",
    "",
    "| world | states | transitions | depth |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

function bounds() {
  return `## What the bounds are

- **Depth**: so many events after the beginning of the world, each world to its own. A world begins with
  nothing held, with a set just fetched, or after two to eight failures.
- **Time** goes from one moment that matters to any later one up to the next timer: each boundary of the
  rules, and 1 ms before and after it. A timer is at most 1 ms late.
- **Lookups**: known kid, new kid, unknown kid, a token of 120,001 ms and one of 120,000 ms before the set,
  no kid. Two wait at once (three in one world), since \`maxParked\` is 1 (or 2, or 0).
- **Answers**: a set, not modified, a plain failure, \`Retry-After\` of 2 s and of 301 s, a stored set, a set
  for 30 s and for two hours, a set from the future, the set held, a newer set with a date. A failure of
  another kind is the same to the policy.
- **Chance** is 0 or 0.998 in the worlds about ages, failures and chance, else 0.
- **Losses**: a refresh that never ends, a lookup that never goes on, an abort.
- **The clock** jumps once in the worlds about it: a day or 30 s on or back, or 1 ms back.
- **The store** is read and written in one step. Others may write it at any time.
- **The whole key set**: two lookups, one abort, one lost leader, one \`refresh()\` or signature, in every
  order. Each once. Some worlds have three lookups; where a world is too large, the table says that it is cut.

## What is not covered

- Longer lives than the depth, other bounds than those of the worlds, and two jumps of the clock.
- Where the clock was set back during a wait, that lookup goes on by the time it knew. What it starts is not
  held to the rules about the number of fetches, and it may wait for two refreshes more than its longest wait:
  it cannot know how long the clock stood still. All other rules still hold.
- HTTP, JSON and the import of keys: a refresh ends with a set or a failure. Other tests are about those.
- States are told apart by 64 bits of hash: with ten million of them, two are taken for one with a chance of
  about one in 370,000.`;
}

function found(faults, mutants) {
  const part = (name, { all, found, explained }) => {
    const rows = explained.map(
      ({ file, stands, becomes, why }) =>
        `- \`${file}\`: ${inCode(stands)} → ${inCode(becomes)}: ${why}`,
    );
    return [
      `${name}: of ${n(all)}, ${n(found.length)} are found.`,
      ...(rows.length > 0 ? ["", "Not found:", "", ...rows] : []),
    ].join("\n");
  };
  const parts = [
    "## It finds faults",
    "",
    `\`npm run model -- --faults\` seeds ${FAULTS.length} faults of one line in the two files, one at a time. The short run alone must find each.`,
  ];
  if (faults !== undefined) parts.push("", part("Seeded faults", faults));
  parts.push(
    "",
    "`npm run model -- --mutants` changes every expression of the two files in the ways that Stryker has. The changes are made with the compiler's own syntax tree: Stryker would start the exploration much more slowly.",
  );
  if (mutants !== undefined) parts.push("", part("Changes", mutants));
  return parts.join("\n");
}

function findings() {
  return `## What it found

Four waits went past their bound where promises die with their request. All are mended, and each has a test
in \`test/keys/remote/bounded-waits.test.ts\`:

- a cold lookup followed one lost leader after another, for as long as each new one was lost too;
- a parked lookup waited for a refresh that could start only after its own cooldown had ended;
- with a timeout under a second, a cold lookup waited for a retry that came after its longest wait;
- the place of a lost lookup stayed taken for as long as the clock had been set back.`;
}
