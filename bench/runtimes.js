// The runtimes that are measured; npm brings them along as optional dependencies.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const installed = (path) => here(`node_modules/${path}`);

const KNOWN = [
  { id: "node-20", title: "Node 20", file: installed("node-20/bin/node"), gc: ["--expose-gc"] },
  { id: "node-24", title: "Node 24", file: installed("node-24/bin/node"), gc: ["--expose-gc"] },
  { id: "bun", title: "Bun", file: installed("bun/bin/bun.exe"), gc: [] },
  {
    id: "deno",
    title: "Deno",
    file: installed("deno/deno"),
    run: ["run", "--quiet", "--allow-all"],
    gc: ["--v8-flags=--expose-gc"],
  },
];

/** Those that are here, with their versions. */
export function findRuntimes(ids = KNOWN.map(({ id }) => id)) {
  return KNOWN.filter(({ id, file }) => ids.includes(id) && existsSync(file)).map((runtime) => {
    const version = spawnSync(runtime.file, ["--version"], { encoding: "utf8" }).stdout;
    return { run: [], ...runtime, version: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? "unknown" };
  });
}

/**
 * Runs a script of this folder and reads the JSON that it prints last.
 *
 * @throws when it fails, or takes longer than `timeoutSeconds`
 */
export function runScript(runtime, script, args = [], { timeoutSeconds = 300 } = {}) {
  const line = [...runtime.run, ...runtime.gc, here(script), ...args.map(String)];
  const { status, stdout, stderr, error } = spawnSync(runtime.file, line, {
    cwd: here("."),
    encoding: "utf8",
    timeout: timeoutSeconds * 1000,
    maxBuffer: 2 ** 28,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`${script} failed on ${runtime.title}: ${error?.message ?? stderr}`);
  }
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
