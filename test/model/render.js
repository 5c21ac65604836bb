import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FAULTS } from "./faults.js";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "model.md");
const n = (number) => number.toLocaleString("en-GB");
const inCode = (text) =>
  text === "" ? "nothing" : `\`${text.replaceAll("|", "\\|").replace(/\s+/g, " ")}\``;

/** Writes docs/model.md from what the runs have kept. */
export function render(kept) {
  if (kept.deep !== undefined) writeFileSync(PAGE, pageOf(kept));
}

/** docs/model.md, whole, from the results. */
export function pageOf({ deep, faults, mutants }) {
  const parts = [head(deep), worlds(deep), bounds(deep), found(faults, mutants), findings()];
  return `${parts.join("\n\n")}\n`;
}

function head({
  states,
  transitions,
  continued,
  depth,
  ways,
  steps,
  processorSeconds,
  violations,
  note,
}) {
  return `<!-- Written by \`npm run model:deep\`: do not edit. -->
# Model checking

Two files decide when the key set is fetched, trusted and given up: \`src/keys/refresh-policy.ts\` and
\`src/keys/lookup-policy.ts\`. They contain pure functions, so all their states can be explored, as they are shipped.
This page has the results of the last deep run.

| Figure | Value |
| --- | ---: |
| Distinct states | ${n(states)} |
| Transitions | ${n(transitions)} |
| States continued with an endpoint that answers | ${n(continued)} |
| Greatest depth, in events | ${depth} |
| Orders of events of the whole key set | ${n(ways)} |
| Events in these orders | ${n(steps)} |
| Seconds of processor time | ${n(Math.round(processorSeconds))} |
| **Violations** | **${violations}** |
${note === undefined ? "" : `\n${note}\n`}
\`npm run model\` explores the same worlds less deeply in under a minute, in every test run. Both exit with 1 at a
violation, and print its shortest trace as a test for \`test/keys/remote\`.

## How it works

A **world** has an origin, a store, up to three instances, their lookups, and a clock. From each state the model tries
every possible next event, breadth first. Two states are equal when they differ only in details without effect: times
count from now, refreshes are ordered, lookups and instances have no names.

The policy is not copied. An instance is the shipped \`HeldSet\` with its own \`start\`, \`revalidate\`, \`recheck\`,
\`install\` and \`giveUp\`; an event replaces the promise inside a refresh. Only one round of a waiting lookup is written
again (\`turn\` in \`test/model/world.js\`). To check that too, the **whole key set** runs in parallel:
\`createRemoteKeySet\`, with its promises, timers and fetches under a scheduler, in every order of events of small
worlds. After each event both must agree on the held set, its age, the fetches and the waiting lookups. They must also
agree on each result and error, each event that an operator receives, and each promise that \`waitUntil\` receives.

The rules are written a second time in \`test/model/laws.js\`, from what happened and not from the policy's state. In
every state:

- the set is fresh, stale or expired as the rules say, so no key is trusted for too long or from the future;
- a known kid is never refused and never waits while the set may be trusted;
- an older answer never replaces a newer one, and a useless answer replaces nothing;
- a refresh starts only when allowed: one at a time unless its leader is doubted; one for unknown kids per cooldown;
  one for signatures per minute; none during back-off; and at most five fetches at once after four doubts;
- each wait after a failure has the length that the rules say;
- what the set remembers of its refreshes is what happened;
- \`key_not_found\` needs proof or an old token; every other refusal has a reason;
- the number of waiting lookups is limited, and each ends within its longest wait;
- where there is no room to wait, a refresh that is due starts all the same;
- a refresh is sent with the validator of the held set, or with none when no set can be trusted;
- if the endpoint answers from here on, every lookup ends and the set becomes fresh, within the longest back-off and
  one wait. This is tried with one visitor and with many unknown kids, from every state (deep run: every fourth).`;
}

function worlds({ worlds, ways }) {
  const small = worlds.filter(({ kind }) => kind === "small");
  const rows = worlds
    .filter(({ kind }) => kind !== "small")
    .map((each) => `| ${each.name} | ${n(each.states)} | ${n(each.transitions)} | ${each.depth} |`);
  const cut = small.filter(({ isCut }) => isCut).map(({ name }) => name);
  return [
    "## The worlds",
    "",
    "| World | States | Transitions | Depth |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    "",
    `The whole key set ran in ${small.length} small worlds, with ${n(ways)} orders of events.${
      cut.length === 0 ? " All are complete." : ` Cut because of their size: ${cut.join("; ")}.`
    }`,
  ].join("\n");
}

function bounds({ states }) {
  // Of n numbers of 64 bits, two are equal with a chance of about n²/2⁶⁵.
  const once = Number((2 ** 65 / states ** 2).toPrecision(2));
  return `## Bounds

- **Depth**: the number of events after the start of a world. A world starts with nothing held, with a set just
  fetched, with two lookups that wait, with two fetches at once, or after two to eight failures, or forty.
- **Time** jumps between moments that matter, up to the next timer: each limit of the rules, and 1 ms before and
  after it. A timer is at most 1 ms late.
- **Lookups**: a known kid, a new kid, an unknown kid, tokens issued 120,001 ms and 120,000 ms before the set, in 1970
  and in 1969, no kid. Two wait at once in most worlds, because \`maxParked\` is 1 (or 0, 2 or 3).
- **Answers**: a set, "not modified", a plain failure; \`Retry-After\` of 1 s, 2 s, 90 s, 301 s, without end, below zero,
  or not a number; a stored set, also for 30 s; a set for 30 s, for two hours, for no time, for less, for ever, or for a time that is no
  number; a set from the future by a minute or by 1 ms; with a date: the held set, a newer set, a set of the moment when it
  came. All other failures are the same to the policy.
- **Limits** are the defaults, with \`maxParked\` as above. Some worlds have other limits. All are short, or zero,
  or longer than every constant of the rules. The timeout is longer than the cooldown. A set is never fresh, or never
  stale. The trust after errors is zero, or ends before the set is stale.
- **Randomness** is 0 or 0.998 in the worlds about ages, failures and chance, else 0.
- **Losses**: a refresh that never ends, a lookup that never continues, an abort.
- **The clock** jumps once in its worlds: a day or 30 s forward or back, or an hour or 1 ms back. In two worlds it jumps
  twice.
- **The store** is read and written in one step. Others may write at any time.
- **The whole key set**: two lookups (three or four in some worlds), by \`find\`, \`prefetch\`, or \`known\` and then
  \`find\`; one abort, one lost leader, one \`refresh()\` or signature, in every order. Some worlds also have a clock that
  jumps, a key that is replaced, a store, answers that are no set, or a caller that has gone. A timer is never late there.

## Not covered

- More events, other limits, and more than two clock jumps.
- A clock that gives no number, or throws; \`test/keys/dead-promises.test.ts\` has that.
- A lookup that waits while the clock is set back cannot know how long the clock stood still. Its fetches are not
  counted, and it may wait for two more refreshes. All other rules apply.
- HTTP, JSON and the import of keys; other tests check those.
- States are compared by a hash of 64 bits. With so many states, the chance of a collision is about one in ${n(once)}.`;
}

function found(faults, mutants) {
  const part = (name, { all, found, explained }) => {
    const rows = explained.map(
      ({ file, stands, becomes, why }) =>
        `- \`${file}\`: ${inCode(stands)} → ${inCode(becomes)}: ${why}`,
    );
    const deep = found.filter(({ isDeep }) => isDeep).length;
    return [
      `${name}: ${n(found.length)} of ${n(all)} found${deep === 0 ? "" : `, ${n(deep)} of them by the deep run alone`}.`,
      ...(rows.length > 0
        ? ["", "These make no difference, so they cannot be found:", "", ...rows]
        : []),
    ].join("\n");
  };
  const parts = [
    "## Seeded faults",
    "",
    `\`npm run model -- --faults\` adds each of ${FAULTS.length} faults of one line to the code, one at a time: to the two files, and to what they are part of (\`held-set.ts\`, \`remote-key-set.ts\`, \`remote-options.ts\`, \`pause.ts\`, \`bounded-fetch.ts\`). The short run must find it.`,
  ];
  if (faults !== undefined) parts.push("", part("Seeded faults", faults));
  parts.push(
    "",
    "`npm run model -- --mutants` changes every expression of the two files, as Stryker would. It uses the compiler's syntax tree, because Stryker would start the exploration much more slowly.",
  );
  if (mutants !== undefined) parts.push("", part("Changes", mutants));
  return parts.join("\n");
}

function findings() {
  return `## Faults found

\`refresh()\` failed although its own fetch, or a later one, had brought a set: another fetch had failed in between, or
its own was lost with its request. Corrected, with tests in \`test/keys/remote/one-fetch.test.ts\`.

With \`maxParked: 0\` an unknown kid was refused and started no fetch, so a rotation was noticed only when the set was no
longer fresh. The rules said the same as the code. Both are corrected, with a test in \`test/keys/remote/parking.test.ts\`.

A long \`Retry-After\` was forgotten when another fetch, under way at the same time, failed after it. The rules said the
same as the code. Both are corrected, with a test in \`test/keys/remote/back-off.test.ts\`.

\`refresh()\` resolved although the origin was down, when it joined a fetch that a store answered. The rules said the same
as the code. A review found it. Both are corrected, with tests in \`test/keys/remote/fetcher.test.ts\`.

Four waits were longer than allowed when a promise ended with its request. All are corrected, each with a test in
\`test/keys/remote/bounded-waits.test.ts\`:

- a cold lookup followed one lost leader after another, as long as each new one was lost too;
- a parked lookup waited for a refresh that could start only after its own cooldown;
- with a timeout below a second, a cold lookup waited for a retry later than its longest wait;
- the place of a lost lookup stayed occupied for as long as the clock had been set back.`;
}
