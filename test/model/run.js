// Explores the refresh policy and the remote key set round it.
//   node test/model/run.js           to the short bounds, as the gate does
//   --deep                           to the deep bounds, and writes its figures to docs/model.md
//   --faults                         whether the short run finds each fault of faults.js
//   --mutants                        the same for every change of an expression of the two files
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./build.js";
import { exploreAll } from "./explore-all.js";
import { findFaults } from "./find-faults.js";
import { writePage } from "./page.js";

const { values } = parseArgs({
  options: {
    deep: { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), "postern-model-"));
try {
  if (values.faults || values.mutants) {
    const kind = values.mutants ? "mutants" : "faults";
    const found = await findFaults(folder, kind);
    await writePage({ [kind]: found });
    process.exitCode = found.unexplained.length === 0 ? 0 : 1;
  } else {
    const file = await bundle(join(folder, "model.mjs"));
    const figures = await exploreAll(file, { isDeep: values.deep });
    if (values.deep && figures.violations === 0) await writePage({ deep: figures });
    process.exitCode = figures.violations === 0 ? 0 : 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
