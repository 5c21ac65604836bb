import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readVectors } from "../vectors/files.js";
import { installBrowsers } from "./install.js";
import { dist } from "./job.js";
import { runSuite } from "./run-suite.js";
import { runtimes } from "./runtimes.js";
import { formatTable } from "./table.js";

// A run mostly waits. More runs than this would delay each other.
const AT_ONCE = 2;
const ids = runtimes.map(({ id }) => id);
const USAGE = `Usage: npm --prefix test/runtime test -- [options]

Runs one suite against a built file in every runtime, and prints one table.

  --runtime <id>  in this runtime only; may be given again: ${ids.join(", ")}
  --file <path>   against this file; may be given again. dist/index.js and dist/postern.vendor.js
  --install       install the browsers that are missing, with apt-get
  --help`;

const { values: options } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true, default: ids },
    file: {
      type: "string",
      multiple: true,
      default: ["index.js", "postern.vendor.js"].map((name) => join(dist, name)),
    },
    install: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(USAGE);
} else {
  const unknown = options.runtime.filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new TypeError(`no such runtime: ${unknown.join(", ")}\n\n${USAGE}`);
  const chosen = runtimes.filter(({ id }) => options.runtime.includes(id));
  if (options.install) await installBrowsers(chosen);
  // npm runs a script in the package's folder, and gives the folder of the call.
  const from = process.env["INIT_CWD"] ?? process.cwd();
  process.exitCode = await runAll(
    chosen,
    options.file.map((file) => resolve(from, file)),
  );
}

async function runAll(chosen, files) {
  const vectors = await readVectors();
  const waiting = chosen.flatMap((runtime) => files.map((file) => ({ runtime, file }))).entries();
  const rows = [];
  // The iterator is shared: the next free worker takes the next run.
  async function work() {
    for (const [index, { runtime, file }] of waiting) {
      const row = await runSuite(runtime, file, vectors);
      rows[index] = row;
      for (const failure of row.failures) {
        console.error(`\n${row.runtime} ${row.version}, ${row.file}: ${failure}`);
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
  const [passed, failed] = [sum((row) => row.passed), sum((row) => row.failures.length)];
  console.log(`\n${formatTable(rows)}\n\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
