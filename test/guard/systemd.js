// The unit for systemd, as systemd's own checker reads it, and the system calls that the guard makes.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLES, start } from "./machines.js";
import { check } from "./report.js";
import { AUD, ask, CLI, forged, person, says, startProgram, team, terminate } from "./team.js";

const UNIT = "postern-guard.service";
const unit = readFileSync(join(EXAMPLES, "systemd", UNIT), "utf8");
const dropIn = readFileSync(join(EXAMPLES, "systemd/unix-socket.conf"), "utf8");

/** The values of a setting, in their order. */
const settings = (text, name) =>
  [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value]) => value);

/** The unit in a folder of its own; the checker asks that the program exists. */
function install(withDropIn) {
  const folder = mkdtempSync(join(tmpdir(), "postern-unit-"));
  const program = (text) => text.replaceAll("/usr/local/bin/postern", "/bin/true");
  writeFileSync(join(folder, UNIT), program(unit));
  if (withDropIn) {
    mkdirSync(join(folder, `${UNIT}.d`));
    writeFileSync(join(folder, `${UNIT}.d/unix-socket.conf`), program(dropIn));
  }
  return join(folder, UNIT);
}

await check("systemd finds nothing wrong with the unit, with and without the unix socket", () => {
  for (const withDropIn of [false, true]) {
    const { status, stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", "--man=no", install(withDropIn)],
      {
        encoding: "utf8",
      },
    );
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  }
});

await check("systemd finds the unit little exposed", () => {
  // In tenths: 0 is nothing, and what has no hardening at all is at 96.
  const args = ["security", "--offline=true", "--no-pager", "--threshold=15", install(false)];
  const { status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  assert.equal(status, 0, `${stdout.split("\n").slice(-4).join("\n")}${stderr}`);
});

await check(
  "the unit starts the guard with flags that it knows, and reloads and ends it as it asks",
  async () => {
    for (const line of [...settings(unit, "ExecStart"), ...settings(dropIn, "ExecStart")]) {
      if (line === "") continue;
      const [program, command, ...args] = line.split(" ");
      assert.deepEqual([program, command], ["/usr/local/bin/postern", "guard"]);
      const folder = mkdtempSync(join(tmpdir(), "postern-unit-"));
      const file = join(folder, "guard.json");
      writeFileSync(file, JSON.stringify({ team, audience: AUD, listen: "127.0.0.1:0" }));
      const moved = args.map((arg) =>
        arg.replace("/etc/postern/guard.json", file).replace(/\/(?:var\/lib|run)\/postern/, folder),
      );
      const child = start(process.execPath, [CLI, "guard", ...moved]);
      await says(child, /forward auth on /);
      const [reload] = settings(unit, "ExecReload");
      assert.equal(reload, "/bin/kill -HUP $MAINPID");
      child.kill("SIGHUP");
      await says(child, /uses the new configuration/);
      assert.equal(await terminate(child), 0);
    }
    assert.ok(Number.parseInt(settings(unit, "TimeoutStopSec")[0], 10) > 30);
  },
);

await check("the keys file and the socket are in folders that the unit makes", () => {
  assert.deepEqual(settings(unit, "StateDirectory"), ["postern"]);
  assert.deepEqual(settings(unit, "RuntimeDirectory"), ["postern"]);
  assert.match(unit, /--keys-file \/var\/lib\/postern\//);
  assert.match(dropIn, /--listen unix:\/run\/postern\//);
});

/** Names of a group, those of the groups in it included. */
function systemCalls(group) {
  const text = execFileSync("systemd-analyze", ["syscall-filter", "--no-pager", group], {
    encoding: "utf8",
  });
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== group && !line.startsWith("#"))
    .flatMap((name) => (name.startsWith("@") ? systemCalls(name) : [name]));
}

await check("the unit allows every system call that the guard makes", async () => {
  const allowed = new Set();
  for (const group of settings(unit, "SystemCallFilter")) {
    for (const name of group.replace("~", "").split(" ").flatMap(systemCalls)) {
      if (group.startsWith("~")) allowed.delete(name);
      else allowed.add(name);
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "postern-calls-"));
  const trace = join(folder, "trace");
  const before = ["-f", "-qq", "-o", trace, process.execPath, CLI];
  const args = [
    "--team",
    team,
    "--audience",
    AUD,
    "--keys-file",
    join(folder, "keys.json"),
    "--workers",
    "2",
    "--admin",
    "127.0.0.1:0",
  ];
  const { child, port } = await startProgram("strace", before, args);
  assert.deepEqual([await ask(port, person), await ask(port, forged)], [200, 401]);
  // The tracer itself takes no signal: the guard below it ends, and then the tracer.
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const [guard] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
  process.kill(Number(guard), "SIGTERM");
  assert.equal(await ended, 0);
  const made = new Set(
    [...readFileSync(trace, "utf8").matchAll(/^\d+ +(\w+)\(/gm)].map(([, name]) => name),
  );
  assert.ok(made.size > 20, `${made.size} system calls`);
  assert.deepEqual(
    [...made].filter((name) => !allowed.has(name)),
    [],
  );
});
