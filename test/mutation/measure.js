import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { makeKeys } from "./make-keys.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** The rooms of `src/` that read tokens and keys, with the rooms of `test/` that prove something about each. */
export const ROOMS = {
  encoding: ["encoding", "token", "verify"],
  token: ["token", "verify"],
  access: ["access", "verify"],
  keys: ["keys", "verify"],
  verify: ["verify"],
};

/**
 * Changes every expression of a room, one at a time, and sees whether a test fails.
 *
 * @param isAfresh also tries what was tried before, and where neither code nor tests have changed since
 */
export async function measure(room, { isAfresh }) {
  await makeKeys();
  process.chdir(ROOT);
  process.env.POSTERN_TEST_ROOMS = ROOMS[room].join();
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
    concurrency: 2,
    timeoutMS: 6_000,
    reporters: ["dots"],
    logLevel: "warn",
    warnings: false,
  }).runMutationTest();
  return mutants.map(describe);
}

function describe({ fileName, location: { start, end }, replacement, status }) {
  const lines = readFileSync(fileName, "utf8").split("\n");
  const line = lines[start.line - 1].trim();
  const code = lines.slice(start.line - 1, end.line);
  code[code.length - 1] = code.at(-1).slice(0, end.column - 1);
  code[0] = code[0].slice(start.column - 1);
  const file = fileName.slice(ROOT.length + 1);
  return { file, line, code: onOneLine(code.join("\n")), becomes: onOneLine(replacement), status };
}

const onOneLine = (code) => code.replace(/\s+/g, " ").trim();
