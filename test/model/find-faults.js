import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, textOf } from "./build.js";
import { FAULTS, seed } from "./faults.js";
import { mutantsOf } from "./mutants.js";
import { NOT_FOUND } from "./not-found.js";
import { inWorkers, listJobs } from "./pool.js";

const FILES = ["refresh-policy.ts", "lookup-policy.ts"];
/** How long the short run may take for one fault. Only a fault that loops without end needs so long. */
const MOST_SHORT_SECONDS = 600;
/** How long the deep worlds are tried for one fault that the short run does not find. */
const MOST_DEEP_SECONDS = 600;

/** Whether the short run finds each fault, alone; and what it does not find, whether the deep run does. */
export async function findFaults(folder, kind) {
  const started = performance.now();
  const faults = kind === "mutants" ? FILES.flatMap(mutantsOf) : FAULTS.map(asFault);
  const { short, deep } = await runs(await bundle(join(folder, "as-it-is.mjs")));
  const found = [];
  const explained = [];
  const missed = [];
  let next = 0;
  await Promise.all(
    [0, 1].map(async () => {
      while (next < faults.length) {
        const at = next++;
        const fault = faults[at];
        const file = await bundle(join(folder, `${at}.mjs`), { [fault.file]: fault.text });
        const by = await findOne(file, short, { workers: 1, mostSeconds: MOST_SHORT_SECONDS });
        rmSync(file);
        const { text, ...facts } = fault;
        const why = by === undefined ? whyNotFound(fault) : undefined;
        if (by !== undefined) found.push({ ...facts, ...by });
        else if (why !== undefined) explained.push({ ...facts, why });
        else missed.push(fault);
        const says = by?.what ?? why;
        console.log(
          `${at + 1}/${faults.length} ${fault.file}: ${fault.stands} => ${fault.becomes}\n` +
            `    ${says === undefined ? "✗ not found by the short run" : `✓ ${says}`}`,
        );
      }
    }),
  );
  const unexplained = [];
  for (const { text, ...facts } of missed) {
    const file = await bundle(join(folder, "deep.mjs"), { [facts.file]: text });
    const by = await findOne(file, deep, { mostSeconds: MOST_DEEP_SECONDS });
    rmSync(file);
    if (by === undefined) unexplained.push(facts);
    else found.push({ ...facts, ...by, isDeep: true });
    const says = by === undefined ? "✗ not found" : `✓ found by the deep run: ${by.what}`;
    console.log(`${facts.file}: ${facts.line ?? ""}\n    ${facts.stands}`);
    console.log(`    => ${facts.becomes}\n    ${says}`);
  }
  console.log(`\n${found.length + explained.length} passed, ${unexplained.length} failed`);
  return {
    all: faults.length,
    found,
    explained,
    unexplained,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Why a change makes no difference, where that is known. */
function whyNotFound({ file, line, stands, becomes }) {
  return NOT_FOUND.find(
    (reason) =>
      reason.file === file &&
      reason.stands === stands &&
      reason.becomes === becomes &&
      (reason.line === undefined || reason.line === line),
  )?.why;
}

function asFault(fault) {
  const [file, stands, becomes] = fault;
  const text = textOf(file);
  return { file, stands, becomes, line: undefined, text: seed(text, fault) };
}

/** What the short run explores, with a look at the beginning of each world first; and what the deep one does. */
async function runs(file) {
  const { worlds, small } = await listJobs(file);
  const jobs = (isDeep) => [
    ...worlds.map((_, index) => ({ kind: "world", index, isDeep })),
    ...small.flatMap((one, index) => (one.isDeep && !isDeep ? [] : [{ kind: "small", index }])),
  ];
  const glances = worlds.map((_, index) => ({ kind: "world", index, depth: 3 }));
  return { short: [...glances, ...jobs(false)], deep: jobs(true) };
}

/** The first wrong turn of a run, and where. */
async function findOne(file, jobs, bounds) {
  let by;
  try {
    await inWorkers(file, jobs, {
      ...bounds,
      onResult({ name, story, wrong }) {
        if (story === undefined) return true;
        by ??= { world: name, what: wrong.what };
        return false;
      },
    });
  } catch (error) {
    // Not even the beginnings of the worlds come true.
    by ??= { world: "all", what: `${error.message}`.split("\n")[0] };
  }
  return by;
}
