import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { makeKeys } from "./make-keys.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** The rooms of `src/` that read tokens and keys, with the rooms of `test/` that prove something about each. */
export const ROOMS = {
  encoding: ["encoding"],
  token: ["token"],
  access: ["access"],
  keys: ["keys", "verify"],
  verify: ["verify"],
  checks: ["checks"],
  stores: ["stores"],
  adapters: ["adapters-unit"],
};

/**
 * Changes every expression of a room, one at a time, and sees whether a test fails.
 *
 * @param isAfresh also tries what was tried before, and where neither code nor tests have changed since
 * @param timeoutMS how much longer than usual the tests of a change may take before it counts as endless
 * @param workers how many changes are tried at once
 */
export async function measure(room, { isAfresh, timeoutMS, workers }) {
  await makeKeys();
  process.chdir(ROOT);
  process.env.POSTERN_TEST_ROOMS = ROOMS[room].join();
  process.env.POSTERN_TEST_TIMEOUT = String(timeoutMS * 0.75);
  const mutants = await new Stryker({
    mutate: [`src/${room}/**/*.ts`],
    testRunner: "load-is-a-test",
    plugins: [join(import.meta.dirname, "load-is-a-test.js")],
    vitest: { configFile: "test/mutation/vitest.config.js", related: false },
    coverageAnalysis: "perTest",
    ignorePatterns: ["bench", "coverage", "dist", "docs", "examples", "reports", "site"],
    incremental: true,
    incrementalFile: `reports/mutation/${room}.json`,
    force: isAfresh,
    concurrency: workers,
    timeoutMS,
    reporters: ["dots"],
    logLevel: "warn",
    warnings: false,
  }).runMutationTest();
  return mutants.map(describe);
}

function describe({ fileName, location: { start, end }, replacement, status, statusReason = "" }) {
  const lines = readFileSync(fileName, "utf8").split("\n");
  const line = lines[start.line - 1].trim();
  const code = lines.slice(start.line - 1, end.line);
  code[code.length - 1] = code.at(-1).slice(0, end.column - 1);
  code[0] = code[0].slice(start.column - 1);
  const file = fileName.slice(ROOT.length + 1);
  return {
    file,
    line,
    code: onOneLine(code.join("\n")),
    becomes: onOneLine(replacement),
    result: resultOf(status, statusReason),
  };
}

/**
 * Stryker calls two things a time-out. A loop that runs a hundred times as often as it should is `noticed` on
 * any machine; what only takes too long is `late`, and a busy machine can be the cause.
 */
function resultOf(status, reason) {
  if (status === "Timeout") return reason.startsWith("Hit limit reached") ? "noticed" : "late";
  if (status === "Killed") return /\btimed out in \d+ ?ms\b/.test(reason) ? "late" : "noticed";
  return "not noticed";
}

const onOneLine = (code) => code.replace(/\s+/g, " ").trim();
