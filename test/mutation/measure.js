import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { makeKeys, REPORTS } from "./make-keys.js";

export const ROOT = join(import.meta.dirname, "..", "..");
export const ROOMS = ["encoding", "token", "access", "keys", "verify"];

/** Changes everything in a room of `src/`, one change at a time. What was noticed before is not tried again. */
export async function measure(room, { isAfresh, concurrency }) {
  await makeKeys();
  process.chdir(ROOT);
  const results = await new Stryker({
    mutate: [`src/${room}/**/*.ts`],
    testRunner: "load-is-a-test",
    plugins: [join(import.meta.dirname, "load-is-a-test.js")],
    vitest: { configFile: "test/mutation/vitest.config.js", related: false },
    coverageAnalysis: "perTest",
    ignorePatterns: ["bench", "examples", "docs", "dist", "coverage", "site"],
    incremental: true,
    incrementalFile: join(REPORTS, `${room}.json`),
    force: isAfresh,
    concurrency,
    timeoutMS: 10_000,
    reporters: ["progress"],
    allowEmpty: false,
    checkers: [],
    disableTypeChecks: false,
    tempDirName: `.stryker-tmp/${room}`,
  }).runMutationTest();
  return results.map((mutant) => {
    const file = mutant.fileName.slice(ROOT.length + 1);
    const code = textAt(mutant.fileName, mutant.location);
    return {
      file,
      line: mutant.location.start.line,
      code: squeezed(code),
      becomes: squeezed(mutant.replacement),
      status: mutant.status,
      mutator: mutant.mutatorName,
    };
  });
}

const squeezed = (code) => code.replace(/\s+/g, " ").trim();

function textAt(file, { start, end }) {
  const lines = readFileSync(file, "utf8").split("\n").slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join("\n");
}
