import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { startIssuer } from "./issuer-server.js";

const here = import.meta.dirname;
export const dist = join(here, "..", "..", "dist");

const entry = (origin) => `import * as postern from "./postern.js";
import * as testing from "./testing.js";
import { report } from "./suite/report.js";
import { vectors } from "./vectors.js";

export const run = (origin = ${JSON.stringify(origin)}) =>
  report(postern, { origin, testing, vectors });
`;
const MAIN = `import { run } from "./entry.js";

await run();
`;
// A Worker does nothing before a request.
const WORKER = `import { run } from "./entry.js";

export default { test: () => run() };
`;

/**
 * A folder outside the repository with one copy of the library, the suite beside it, and the server
 * that both use.
 * @param library the file to test
 * @param vectors the contents of Wycheproof's files, if they are there
 */
export async function prepareJob(library, vectors) {
  const folder = await mkdtemp(join(tmpdir(), "postern-runtime-"));
  const files = new Map();
  const issuer = await startIssuer(files);
  const job = {
    folder,
    origin: issuer.origin,
    results: issuer.results,
    /** The modules, by their paths below the folder. */
    scripts: [],
    async close() {
      issuer.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await fill(job, library, vectors);
    for (const name of job.scripts) files.set(`/${name}`, await readFile(join(folder, name)));
    return job;
  } catch (error) {
    await job.close();
    throw error;
  }
}

async function fill(job, library, vectors) {
  const { folder, origin } = job;
  await copyFile(library, join(folder, "postern.js"));
  await copyFile(join(dist, "testing.js"), join(folder, "testing.js"));
  await cp(join(here, "suite"), join(folder, "suite"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await writeFile(join(folder, "main.js"), MAIN);
  await writeFile(join(folder, "worker.js"), WORKER);
  await writeFile(join(folder, "entry.js"), entry(origin));
  await writeFile(
    join(folder, "vectors.js"),
    `export const vectors = ${JSON.stringify(vectors)};\n`,
  );
  const names = await readdir(folder, { recursive: true });
  job.scripts = names
    .filter((name) => name.endsWith(".js"))
    .map((name) => name.replaceAll(sep, "/"));
}
