import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";
import { prepareJob } from "./job.js";
import { startGroup } from "./process-group.js";
import { casesWith, insecureCases } from "./suite/index.js";

const RUN_LIMIT_MS = 120_000;
const EXIT_LIMIT_MS = 10_000;
const VERSION_LIMIT_MS = 20_000;

/**
 * One run of the suite: one file in one runtime. A runtime that does not start is a failure.
 * @param vectors the contents of Wycheproof's files, if they are there
 * @returns a row of the table; it never rejects
 */
export async function runSuite(runtime, file, vectors) {
  const start = Date.now();
  const row = {
    runtime: runtime.name,
    version: "?",
    file: basename(file),
    passed: 0,
    failures: [],
  };
  try {
    row.version = await readVersion(runtime);
    const { passed, failures } = await runJob(runtime, file, vectors);
    row.passed = passed;
    row.failures.push(...failures);
  } catch (error) {
    row.failures.push(error.message);
  }
  return { ...row, seconds: (Date.now() - start) / 1000 };
}

async function readVersion({ version: [file, ...args] }) {
  const options = { cwd: import.meta.dirname, timeout: VERSION_LIMIT_MS };
  const { stdout } = await promisify(execFile)(file, args, options);
  return /\d[\w.-]*/.exec(stdout)?.[0] ?? "?";
}

async function runJob(runtime, file, vectors) {
  const job = await prepareJob(file, vectors);
  let group;
  try {
    const { folder } = job;
    // Its own home and folder for temporary files: no file is left behind, and none is found.
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, DENO_NO_UPDATE_CHECK: "1" };
    group = startGroup(await runtime.command(job), { cwd: folder, env });
    const early = group.exited.then(({ how }) => how);
    const posted = await Promise.race([job.results, after(early, 1_000), limit(RUN_LIMIT_MS)]);
    if (typeof posted === "string") {
      return { passed: 0, failures: [`no results: ${posted}\n${group.output()}`] };
    }
    const expected = (runtime.isInsecure ? insecureCases : casesWith(vectors)).length;
    const failures = judge(runtime, posted, expected);
    if (!runtime.isBrowser) failures.push(...(await judgeExit(group)));
    return {
      passed: posted.results.filter(({ failure }) => failure === undefined).length,
      failures,
    };
  } finally {
    await group?.stop();
    await job.close();
  }
}

/** Faults in the results, besides the failed cases. */
function judge({ isConfined = false }, posted, expected) {
  const failures = posted.results.flatMap(({ title, failure }) =>
    failure === undefined ? [] : [`${title}\n${failure}`],
  );
  const { length } = posted.results;
  if (length !== expected) failures.push(`${length} of ${expected} cases ran`);
  if (isConfined && !posted.isConfined) failures.push("code from strings was not forbidden");
  return failures;
}

/** A key set has no timer and nothing to close: the process ends when its work is done. */
async function judgeExit(group) {
  const ended = await Promise.race([group.exited, limit(EXIT_LIMIT_MS)]);
  if (typeof ended === "string") return [`the process did not end: ${ended}`];
  return ended.code === 0 ? [] : [`the process ${ended.how}\n${group.output()}`];
}

async function limit(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  return `nothing within ${ms / 1000} seconds`;
}

/** A result that was posted just before the end may still be on its way. */
async function after(promise, ms) {
  const value = await promise;
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  return value;
}
