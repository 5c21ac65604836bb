import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, textOf } from "./build.js";
import { FAULTS, seed } from "./faults.js";
import { mutantsOf } from "./mutants.js";
import { NOT_FOUND } from "./not-found.js";
import { inWorkers, listJobs } from "./pool.js";

const FILES = ["refresh-policy.ts", "lookup-policy.ts"];

/** Whether the short run finds each fault, alone. */
export async function findFaults(folder, kind) {
  const started = performance.now();
  const faults = kind === "mutants" ? FILES.flatMap(mutantsOf) : FAULTS.map(asFault);
  const jobs = await shortRun(await bundle(join(folder, "as-it-is.mjs")));
  const found = [];
  const missed = [];
  let next = 0;
  await Promise.all(
    [0, 1].map(async () => {
      while (next < faults.length) {
        const at = next++;
        const fault = faults[at];
        const file = await bundle(join(folder, `${at}.mjs`), { [fault.file]: fault.text });
        const by = await findOne(file, jobs);
        rmSync(file);
        const { text, ...facts } = fault;
        if (by === undefined) missed.push(facts);
        else found.push({ ...facts, ...by });
        const says = by === undefined ? "✗ not found" : `✓ ${by.what}`;
        console.log(
          `${at + 1}/${faults.length} ${fault.file}: ${fault.stands} => ${fault.becomes}\n    ${says}`,
        );
      }
    }),
  );
  const isAbout = (reason) => (fault) =>
    reason.file === fault.file &&
    reason.stands === fault.stands &&
    reason.becomes === fault.becomes &&
    (reason.line === undefined || reason.line === fault.line);
  const explained = missed.flatMap((fault) => {
    const reason = NOT_FOUND.find((reason) => isAbout(reason)(fault));
    return reason === undefined ? [] : [{ ...fault, why: reason.why }];
  });
  const unexplained = missed.filter((fault) => !NOT_FOUND.some((reason) => isAbout(reason)(fault)));
  for (const { file, line, stands, becomes } of unexplained) {
    console.log(`not found: ${file}: ${line}\n    ${stands}\n    => ${becomes}`);
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

function asFault(fault) {
  const [file, stands, becomes] = fault;
  const text = textOf(file);
  return { file, stands, becomes, line: undefined, text: seed(text, fault) };
}

/** What the short run explores: what takes least first. */
async function shortRun(file) {
  const { worlds, small } = await listJobs(file);
  return [
    ...worlds.map((_, index) => ({ kind: "world", index })),
    ...small.flatMap(({ isDeep }, index) => (isDeep ? [] : [{ kind: "small", index }])),
  ];
}

/** The first wrong turn of the short run, and where. */
async function findOne(file, jobs) {
  let by;
  try {
    await inWorkers(file, jobs, {
      workers: 1,
      onResult({ name, story, wrong }) {
        if (story === undefined) return true;
        by = { world: name, what: wrong.what };
        return false;
      },
    });
  } catch (error) {
    // Not even the beginnings of the worlds come true.
    by = { world: "all", what: `${error.message}`.split("\n")[0] };
  }
  return by;
}
