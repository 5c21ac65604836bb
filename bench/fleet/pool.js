import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { HOUR, makeKeys } from "./issuer.js";
import { addTally, newTally } from "./tally.js";

const WORKERS = 2;
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What is simulated: the package's main entry, and the key set of its guard. */
const SUBJECT = `
export * from "../../src/index.ts";
export { createKeys } from "../../src/guard/keys.ts";
`;

/** Two workers, which run what they are given in any order: a result depends on its seed alone. */
export async function startPool() {
  const bundle = pathOf("node_modules/.postern/index.js");
  await mkdir(pathOf("node_modules/.postern"), { recursive: true });
  await build({
    stdin: { contents: SUBJECT, resolveDir: pathOf(".") },
    outfile: bundle,
    bundle: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  const folder = await mkdtemp(join(tmpdir(), "postern-fleet-"));
  const workerData = { keys: await makeKeys(8), bundle: pathToFileURL(bundle).href, folder };
  const jobs = [];
  const open = new Map();
  let count = 0;

  function feed(worker) {
    const job = jobs.shift();
    worker.isBusy = job !== undefined;
    if (job !== undefined) worker.postMessage(job);
  }

  const workers = Array.from({ length: WORKERS }, () => {
    const worker = new Worker(pathOf("worker.js"), { workerData });
    worker.on("message", ({ id, result }) => {
      open.get(id).resolve(result);
      open.delete(id);
      feed(worker);
    });
    worker.on("error", (error) => {
      for (const { reject } of open.values()) reject(error);
    });
    return worker;
  });

  function give(job) {
    return new Promise((resolve, reject) => {
      const id = count++;
      open.set(id, { resolve, reject });
      jobs.push({ id, ...job });
      const idle = workers.find(({ isBusy }) => isBusy !== true);
      if (idle !== undefined) feed(idle);
    });
  }

  return {
    give,
    /** A whole scenario under a strategy, cut into pieces; their tallies added. */
    async run(scenario, strategy, pieceOf = 20) {
      const pieces = [];
      for (let from = 0; from < scenario.instances; from += pieceOf) {
        const to = Math.min(scenario.instances, from + pieceOf);
        pieces.push(give({ kind: "instances", scenario, strategy, from, to }));
      }
      const sum = newTally(Math.ceil(scenario.end / HOUR));
      for (const tally of await Promise.all(pieces)) addTally(sum, tally);
      return sum;
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.terminate()));
      await rm(folder, { recursive: true });
    },
  };
}
