// Every property, and two checks that no property can make: memory and time.
// node run.js                         the short run: a fixed seed, about a minute
// node run.js --long [--cases N]      at least a million cases; writes docs/fuzzing.md
// --seed N --only WORD --path P       replays what a failure prints
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

if (!existsSync(new URL("../../dist/index.js", import.meta.url))) {
  throw new Error("build the package first: npm run build");
}
const { runProperties } = await import("./properties/run.js");
const { checkState } = await import("./state/check.js");

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    cases: { type: "string" },
    seed: { type: "string" },
    only: { type: "string", default: "" },
    path: { type: "string" },
  },
});
const isLong = values.long;
const seed = Number(values.seed ?? (isLong ? Date.now() % 2 ** 31 : 20_260_101));
const cases = Number(values.cases ?? (isLong ? 1_050_000 : 36_000));

let failed = 0;
const results = await runProperties({ cases, seed, only: values.only, path: values.path });
const states = values.path ? [] : await checkState({ isLong, seed, only: values.only });
for (const { isRight } of [...results, ...states]) if (!isRight) failed++;
const total = results.length + states.length;
if (isLong && failed === 0 && values.only === "") {
  const { writePage } = await import("./report/fuzzing.js");
  await writePage({ seed, results, states });
}
console.log(`\n${total - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && total > 0 ? 0 : 1;
