// Several processes, reloads, the end, and unix sockets: the command as a service manager runs it.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./machines.js";
import { check } from "./report.js";
import {
  AUD,
  ask,
  CLI,
  forged,
  outage,
  person,
  says,
  startGuard,
  startProgram,
  team,
  terminate,
} from "./team.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const workersOf = ({ pid }) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

/** Waits until something holds, for a minute at most. */
async function until(holds, what) {
  for (let times = 0; times < 600; times++) {
    if (await holds()) return;
    await pause(100);
  }
  throw new Error(`it never came: ${what}`);
}

const isReady = async (admin) => (await fetch(`${admin}/readyz`)).status === 200;

/** Requests so far, by the metrics. */
async function counted(admin) {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return [...text.matchAll(/^postern_requests_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

const folder = mkdtempSync(join(tmpdir(), "postern-workers-"));
const file = join(folder, "guard.json");
const configure = (more = {}) =>
  writeFileSync(file, JSON.stringify({ team, audience: AUD, ...more }));
configure();
const { child, port } = await startProgram(
  process.execPath,
  [CLI],
  ["--config", file, "--workers", "2", "--admin", "127.0.0.1:0"],
);
const [, admin] = await says(child, /admin on (\S+)/);

await check("a worker that dies is replaced, and requests are answered all the while", async () => {
  const before = workersOf(child);
  assert.equal(before.length, 2);
  await pause(5100);
  process.kill(before[0], "SIGKILL");
  // A connection that Node hands to a process in the very moment of its death is lost with it.
  await says(child, /a worker ended/);
  for (let times = 0; times < 10; times++) assert.equal(await ask(port, person), 200);
  await until(
    async () => workersOf(child).length === 2 && (await isReady(admin)),
    "a second worker",
  );
  assert.ok(!workersOf(child).includes(before[0]));
  assert.match(child.text, /a worker ended \(SIGKILL\), another starts in 0 s/);
  for (let times = 0; times < 10; times++) {
    assert.equal(await ask(port, person), 200);
    assert.equal(await ask(port, forged), 401);
  }
});

await check(
  "an address that is taken is named, with exit code 2, for one worker and for several",
  async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const taken = `127.0.0.1:${server.address().port}`;
    for (const workers of ["1", "2", "4"]) {
      for (const flags of [
        ["--listen", taken],
        ["--listen", "127.0.0.1:0", "--admin", taken],
      ]) {
        const args = ["--team", team, "--audience", AUD, "--workers", workers, ...flags];
        const child = start(process.execPath, [CLI, "guard", ...args]);
        const code = await new Promise((resolve) => child.once("close", resolve));
        assert.match(
          child.text,
          new RegExp(`${taken} is taken by another process: give another one`),
        );
        assert.doesNotMatch(child.text, /^ +at /m);
        assert.equal(code, 2);
      }
    }
    server.close();
  },
);

await check("no count is lost when a worker dies", async () => {
  for (let times = 0; times < 10; times++) await ask(port, person);
  const before = await counted(admin);
  assert.ok(before >= 10);
  process.kill(workersOf(child)[0], "SIGKILL");
  await until(
    async () => workersOf(child).length === 2 && (await isReady(admin)),
    "a second worker",
  );
  assert.ok((await counted(admin)) >= before);
});

await check(
  "a worker starts again with the configuration in force, whatever is in the file by then",
  async () => {
    writeFileSync(file, "{");
    process.kill(workersOf(child)[0], "SIGKILL");
    await until(
      async () => workersOf(child).length === 2 && (await isReady(admin)),
      "a second worker",
    );
    child.kill("SIGHUP");
    await says(child, /keeps the old configuration/);
    for (let times = 0; times < 10; times++) assert.equal(await ask(port, person), 200);
  },
);

await check("SIGHUP gives a new configuration to every worker", async () => {
  configure({ allow: { emails: ["eve@example.com"] } });
  child.kill("SIGHUP");
  await says(child, /uses the new configuration/);
  await until(async () => (await ask(port, person)) === 403, "403");
  for (let times = 0; times < 20; times++) assert.equal(await ask(port, person), 403);
});

await check(
  "workers that always die are started ever more rarely, and it still ends with 0",
  async () => {
    const seen = new Set();
    const endAt = Date.now() + 8000;
    while (Date.now() < endAt) {
      for (const pid of workersOf(child)) {
        seen.add(pid);
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended by itself.
        }
      }
      await pause(20);
    }
    // Without a wait there would be dozens.
    assert.ok(seen.size <= 10, `${seen.size} workers`);
    assert.match(child.text, /another starts in [48] s/);
    assert.equal((await fetch(`${admin}/healthz`)).status, 200);
    assert.equal((await fetch(`${admin}/readyz`)).status, 503);
    assert.equal(await terminate(child), 0);
  },
);

await check("a first process that is killed leaves no worker behind", async () => {
  const { child: first } = await startGuard("--workers", "2");
  const workers = workersOf(first);
  first.kill("SIGKILL");
  const isGone = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2] === "Z";
    } catch {
      return true;
    }
  };
  await until(() => workers.every(isGone), "the end of the workers");
});

await check("SIGTERM lets a request end that is under way, and then it exits with 0", async () => {
  for (const workers of ["1", "2"]) {
    let finish;
    const app = createServer((_request, response) => {
      response.write("first,");
      finish = () => response.end("last");
    });
    await new Promise((resolve) => app.listen(0, "127.0.0.1", resolve));
    const guard = await startGuard(
      "--workers",
      workers,
      "--target",
      `http://127.0.0.1:${app.address().port}`,
    );
    const answer = await fetch(`http://127.0.0.1:${guard.port}/`, {
      headers: { "cf-access-jwt-assertion": person },
    });
    const exit = terminate(guard.child);
    await until(
      () =>
        ask(guard.port, forged).then(
          () => false,
          () => true,
        ),
      "a closed port",
    );
    finish();
    assert.equal(await answer.text(), "first,last");
    assert.equal(await exit, 0);
    app.close();
    app.closeAllConnections();
  }
});

/** A question over a unix socket: the status. */
function askSocket(socketPath, token) {
  return new Promise((resolve, reject) => {
    const headers = { connection: "close", ...(token && { "cf-access-jwt-assertion": token }) };
    request({ socketPath, path: "/auth", headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    })
      .on("error", reject)
      .end();
  });
}

await check(
  "a unix socket is served by one process or several, and one that was left behind is replaced",
  async () => {
    for (const workers of ["1", "2"]) {
      const path = join(folder, `${workers}.sock`);
      const open = async () => {
        const args = [
          "guard",
          "--team",
          team,
          "--audience",
          AUD,
          "--workers",
          workers,
          "--listen",
          `unix:${path}`,
        ];
        const guard = start(process.execPath, [CLI, ...args]);
        await says(guard, / on unix:/);
        return guard;
      };
      const first = await open();
      assert.deepEqual(
        [await askSocket(path, person), await askSocket(path, forged), await askSocket(path)],
        [200, 401, 401],
      );
      const leftBehind = workersOf(first);
      first.kill("SIGKILL");
      await until(
        () => leftBehind.every((pid) => !statSync(`/proc/${pid}`, { throwIfNoEntry: false })),
        "the end",
      );
      const second = await open();
      assert.equal(await askSocket(path, person), 200);
      assert.equal(await terminate(second), 0);
    }
  },
);

await check("a keys file is its owner's alone, and opens the door in an outage", async () => {
  const keys = join(folder, "keys.json");
  const warm = await startGuard("--keys-file", keys);
  await until(() => statSync(keys, { throwIfNoEntry: false }), "the keys file");
  assert.equal(statSync(keys).mode & 0o777, 0o600);
  await terminate(warm.child);
  outage.isOn = true;
  const cold = await startGuard("--keys-file", keys, "--admin", "127.0.0.1:0");
  assert.deepEqual([await ask(cold.port, person), await ask(cold.port, forged)], [200, 401]);
  outage.isOn = false;
  await terminate(cold.child);
});
