// The measured runtimes, which npm installs as optional dependencies.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// If install scripts may not run, the binaries stay in the packages of their platform.
const KNOWN = [
  { id: "node-20", title: "Node 20", files: ["node-20/bin/node"], gc: ["--expose-gc"] },
  { id: "node-24", title: "Node 24", files: ["node-24/bin/node"], gc: ["--expose-gc"] },
  { id: "node-26", title: "Node 26", files: ["node-26/bin/node"], gc: ["--expose-gc"] },
  { id: "bun", title: "Bun", files: ["@oven/bun-linux-x64/bin/bun", "bun/bin/bun.exe"], gc: [] },
  {
    id: "deno",
    title: "Deno",
    files: ["@deno/linux-x64-glibc/deno", "deno/deno"],
    run: ["run", "--quiet", "--allow-all"],
    gc: ["--v8-flags=--expose-gc"],
  },
];

/** The installed ones, with their versions. */
export function findRuntimes(ids = KNOWN.map(({ id }) => id)) {
  return KNOWN.filter(({ id }) => ids.includes(id)).flatMap(({ files, ...runtime }) => {
    const file = files.map((path) => here(`node_modules/${path}`)).find(existsSync);
    if (file === undefined) return [];
    const { stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
    const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
    return version === undefined ? [] : [{ run: [], ...runtime, file, version }];
  });
}

/**
 * Runs a script of this folder and reads the JSON that it prints last.
 *
 * @throws when it fails, or takes longer than `timeoutSeconds`
 */
export function runScript(runtime, script, args = [], { timeoutSeconds = 900 } = {}) {
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
