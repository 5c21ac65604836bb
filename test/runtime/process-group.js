import { spawn } from "node:child_process";

const MAX_OUTPUT = 4_000;
const GRACE_MS = 3_000;
const running = new Set();

// Every started process is stopped when this one ends.
process.on("exit", () => {
  for (const group of running) signal(group, "SIGKILL");
});
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => process.exit(1));

/**
 * A command as its own process group, so that all its processes are stopped with it.
 * @returns `exited`, which fulfils with a sentence; `output()`, the last of its output; `stop()`
 */
export function startGroup([file, ...args], { cwd, env }) {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      text = (text + chunk).slice(-MAX_OUTPUT);
    });
  }
  if (child.pid !== undefined) running.add(child.pid);
  const exited = new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ code: undefined, how: message }));
    child.once("exit", (code, by) => resolve({ code, how: `ended with ${by ?? code}` }));
  });
  return {
    exited,
    output: () => text,
    async stop() {
      if (child.pid === undefined) return;
      signal(child.pid, "SIGTERM");
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
      // The rest of the group has had its time.
      signal(child.pid, "SIGKILL");
      await exited;
      running.delete(child.pid);
    },
  };
}

function signal(group, name) {
  try {
    process.kill(-group, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
