// The unit as it is shipped, started by a systemd in namespaces of its own, with the single executable.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "../support/free-port.js";
import { EXAMPLES } from "./machines.js";
import { check } from "./report.js";
import { startManager, until } from "./systemd/manager.js";
import { AUD, ask, forged, outage, person, team } from "./team.js";

const UNIT = "postern-guard.service";
const PROGRAM = new URL("../../scripts/executable/dist/postern", import.meta.url).pathname;
const read = (name) => readFileSync(join(EXAMPLES, "systemd", name), "utf8");
const port = await freePort();
const CONFIG = "/etc/postern/guard.json";

let arrive;
let release;
const arrived = new Promise((resolve) => {
  arrive = resolve;
});
const released = new Promise((resolve) => {
  release = resolve;
});
const app = createServer(async (request, response) => {
  if (request.url === "/slow") {
    arrive();
    await released;
  }
  response.end(`hello ${request.headers["x-auth-request-email"]}`);
});
app.listen(0, "127.0.0.1");
await once(app, "listening");

const target = `http://127.0.0.1:${app.address().port}`;
const config = (more) =>
  JSON.stringify({ team, audience: AUD, listen: `127.0.0.1:${port}`, target, ...more });

const manager = await startManager(PROGRAM, {
  [`systemd/system/${UNIT}`]: read(UNIT),
  // There is no journal here.
  [`systemd/system/${UNIT}.d/log.conf`]:
    "[Service]\nStandardOutput=append:/var/log/guard\nStandardError=append:/var/log/guard\n",
  "postern/guard.json": config(),
});
const { enter, path, show, systemctl } = manager;
const log = () => readFileSync(path("/var/log/guard"), "utf8");
const configure = (text) => writeFileSync(path(CONFIG), text);
const answers = () => until("the guard answers", () => ask(port, person).catch(() => undefined));
const statusOf = async () => {
  const { MainPID } = await show(UNIT);
  const text = readFileSync(path(`/proc/${MainPID}/status`), "utf8");
  return Object.fromEntries(text.split("\n").map((line) => line.split(/:\s*/, 2)));
};

await check(
  "systemd starts the unit, and the guard lets in a genuine token and no other",
  async () => {
    await systemctl("start", UNIT);
    assert.equal(await answers(), 200);
    for (const token of [undefined, "garbage", forged]) assert.equal(await ask(port, token), 401);
    assert.equal((await show(UNIT)).ActiveState, "active");
  },
);

await check(
  "the service is a user that exists only while it runs, without any capability",
  async () => {
    const status = await statusOf();
    const users = status.Uid.split("\t").map(Number);
    // The range that systemd takes such users from.
    assert.ok(
      users.every((user) => user >= 61_184 && user <= 65_519),
      status.Uid,
    );
    for (const name of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      assert.match(status[name], /^0+$/, name);
    }
    assert.deepEqual([status.NoNewPrivs, status.Seccomp], ["1", "2"]);
  },
);

await check(
  "the keys file is the service's own, and nothing outside its folders can be written",
  async () => {
    const user = Number((await statusOf()).Uid.split("\t")[0]);
    const folder = statSync(path("/var/lib/private/postern"));
    const keys = statSync(path("/var/lib/private/postern/keys.json"));
    assert.deepEqual([folder.uid, folder.mode & 0o777], [user, 0o700]);
    assert.deepEqual([keys.uid, keys.mode & 0o777], [user, 0o600]);
    const { MainPID } = await show(UNIT);
    const touch = (file) => enter("nsenter", "-t", MainPID, "-m", "touch", file);
    // Even root cannot, in the file system that the service sees.
    for (const file of [CONFIG, "/usr/x", "/var/lib/x"]) {
      await assert.rejects(touch(file), /Read-only file system/);
    }
    await touch("/var/lib/postern/x");
  },
);

await check(
  "systemctl reload takes the new configuration, keeps the old one for a wrong one, and restarts nothing",
  async () => {
    const before = (await show(UNIT)).MainPID;
    configure(config({ publicPaths: ["/health"] }));
    await systemctl("reload", UNIT);
    await until("the path is public", async () => (await ask(port, undefined, "/health")) === 200);
    configure("{}");
    await systemctl("reload", UNIT);
    await until("it says that the file is wrong", () => /keeps the old configuration/.test(log()));
    assert.deepEqual([await ask(port, person), await ask(port, undefined, "/health")], [200, 200]);
    assert.equal((await show(UNIT)).MainPID, before);
  },
);

await check(
  "a service that is killed in an outage of the keys starts again, and serves from its keys file",
  async () => {
    configure(config());
    const before = (await show(UNIT)).MainPID;
    outage.isOn = true;
    try {
      await systemctl("kill", "--signal=KILL", "--kill-whom=main", UNIT);
      await until("systemd starts it again", async () => {
        const { MainPID, ActiveState } = await show(UNIT);
        return ActiveState === "active" && ![before, "0"].includes(MainPID);
      });
      assert.equal(await answers(), 200);
      assert.equal(await ask(port, "garbage"), 401);
      assert.equal((await show(UNIT)).NRestarts, "1");
    } finally {
      outage.isOn = false;
    }
  },
);

await check("systemctl stop lets a request end that is under way, and takes no other", async () => {
  const headers = { "cf-access-jwt-assertion": person };
  const signal = AbortSignal.timeout(60_000);
  const slow = fetch(`http://127.0.0.1:${port}/slow`, { headers, signal }).then(
    (answer) => answer.text(),
    ({ message }) => message,
  );
  // Not for ever, when it is refused.
  await Promise.race([arrived, slow]);
  const stopped = systemctl("stop", UNIT);
  await until("it takes no more", () =>
    ask(port, person).then(
      () => false,
      () => true,
    ),
  );
  assert.equal((await show(UNIT)).ActiveState, "deactivating");
  release();
  assert.equal(await slow, "hello ada@example.com");
  await stopped;
  const { ActiveState, ExecMainStatus, Result } = await show(UNIT);
  assert.deepEqual([ActiveState, ExecMainStatus, Result], ["inactive", "0", "success"]);
});

await check(
  "with the drop-in, only the group of the server in front can ask at the unix socket",
  async () => {
    const folder = path(`/etc/systemd/system/${UNIT}.d`);
    writeFileSync(join(folder, "unix-socket.conf"), read("unix-socket.conf"));
    configure(JSON.stringify({ team, audience: AUD, workers: 2 }));
    await systemctl("daemon-reload");
    await systemctl("start", UNIT);
    /** The answer for a user of this machine, or why there is none. */
    const askAs = async (user, token) => {
      const id = (flag) => execFileSync("id", [flag, user], { encoding: "utf8" }).trim();
      const as = ["setpriv", "--reuid", id("-u"), "--regid", id("-g"), "--clear-groups"];
      const socket = ["--unix-socket", "/run/postern/guard.sock", "http://guard/auth"];
      const written = ["-sS", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}"];
      const asked = ["curl", ...written, "-H", `Cf-Access-Jwt-Assertion: ${token}`, ...socket];
      return enter(...as, ...asked).then(
        ({ stdout }) => stdout,
        ({ stderr }) => stderr,
      );
    };
    await until("the socket is served", async () => (await askAs("www-data", person)) === "200");
    assert.equal(await askAs("www-data", "garbage"), "401");
    assert.match(await askAs("nobody", person), /connect to|failed to open socket|denied/i);
    const socket = statSync(path("/run/postern/guard.sock"));
    assert.deepEqual([socket.isSocket(), socket.mode & 0o007], [true, 0]);
    await systemctl("stop", UNIT);
    assert.throws(() => statSync(path("/run/postern")), { code: "ENOENT" });
  },
);

await check("systemd gives up on a configuration that is wrong, after ten starts", async () => {
  configure("{}");
  const before = log().length;
  await systemctl("start", UNIT);
  await until("systemd gives up", async () => (await show(UNIT)).ActiveState === "failed");
  const { ExecMainStatus, Result } = await show(UNIT);
  assert.deepEqual([ExecMainStatus, Result], ["2", "exit-code"]);
  // It says why each time.
  assert.equal(
    log()
      .slice(before)
      .match(/^The team is missing/gm).length,
    10,
  );
});

await manager.stop();
app.close();
app.closeAllConnections();
