import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { start } from "../machines.js";

const run = promisify(execFile);
const BOOT = new URL("boot.sh", import.meta.url).pathname;
const PATIENCE_MS = 60_000;

/** Units that a service orders itself by. They do nothing here. */
const TARGETS = ["sysinit", "basic", "shutdown", "network-online", "multi-user"];

/** Whether this machine allows the mounts that a systemd of its own needs. */
export function canMount() {
  const mounts = "mount --make-rprivate / && mount -t cgroup2 cgroup2 /mnt";
  return spawnSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", mounts]).status === 0;
}

/** Tries again until it gives something, for a minute at most. */
export async function until(what, attempt) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await attempt();
    if (found) return found;
    if (performance.now() > end) throw new Error(`it takes too long until ${what}`);
    await sleep(100);
  }
}

/**
 * Starts a systemd that has only these units. It needs root, because it mounts.
 *
 * @param program is its /usr/local/bin/postern
 * @param files what /etc holds, by path
 */
export async function startManager(program, files) {
  const [root, etc] = ["root", "etc"].map((name) =>
    mkdtempSync(join(tmpdir(), `postern-${name}-`)),
  );
  const targets = TARGETS.map((name) => [
    `systemd/system/${name}.target`,
    `[Unit]\nDescription=${name}\n`,
  ]);
  for (const [path, text] of [...targets, ...Object.entries(files)]) {
    mkdirSync(dirname(join(etc, path)), { recursive: true });
    writeFileSync(join(etc, path), text);
  }
  const group = `postern-test-${process.pid}`;
  // All of it ends when this process does, however that comes about.
  const child = start("setpriv", [
    ...["--pdeathsig", "KILL", "unshare", "--mount"],
    ...["sh", BOOT, root, group, etc, program],
  ]);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let pid;
  const enter = (...args) => run("nsenter", ["-t", pid, "-m", "-p", ...args], { timeout: 90_000 });
  const systemctl = (...args) => enter("systemctl", "--no-pager", ...args);
  await until("systemd runs", async () => {
    if (child.exitCode !== null) throw new Error(`systemd does not start here: ${child.text}`);
    [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
    return pid && (await systemctl("is-active", "basic.target").catch(() => undefined));
  });
  return {
    enter,
    systemctl,
    /** A path of its own, as this process reaches it. */
    path: (inside) => `/proc/${pid}/root${inside}`,
    /** Properties of a unit, by name. */
    async show(unit) {
      const { stdout } = await systemctl("show", unit);
      return Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    },
    async stop() {
      // All processes in its namespace end with the first one.
      process.kill(Number(pid), "SIGKILL");
      await ended;
      const remove =
        'mount -t cgroup2 cgroup2 "$0" && find "$0/$1" -depth -type d -exec rmdir {} ";"';
      execFileSync("unshare", ["--mount", "sh", "-c", remove, root, group]);
    },
  };
}
