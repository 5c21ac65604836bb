import * as postern from "../../dist/index.js";
import { standards } from "../runtime/suite/vectors/standards.js";
import { wycheproofCases } from "../runtime/suite/vectors/wycheproof.js";
import { readVectors } from "./files.js";

let failed = 0;
let passed = 0;

async function run(title, work) {
  try {
    const result = await work();
    passed++;
    return result;
  } catch (error) {
    failed++;
    console.error(`${title}\n${error.stack}\n`);
  }
}

const vectors = await run("Wycheproof's files are there", () => readVectors());
const cases = [...Object.entries(standards), ...(vectors ? wycheproofCases(vectors) : [])];
for (const [title, work] of cases) await run(title, () => work(postern));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
