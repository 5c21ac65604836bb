// The container. No engine runs here: the image's files are collected as the Dockerfile does it, and run in a chroot.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { EXAMPLES } from "./machines.js";
import { check } from "./report.js";
import { AUD, ask, forged, outage, person, says, startProgram, team, terminate } from "./team.js";

const FOLDER = join(EXAMPLES, "container");
const HOME = new URL("../../", import.meta.url).pathname;
const text = readFileSync(join(FOLDER, "Dockerfile"), "utf8");
const [build, final] = text
  .split(/^FROM /m)
  .slice(1)
  .map((stage) => stage.replaceAll("\\\n", " "));
const compose = parse(readFileSync(join(FOLDER, "compose.yaml"), "utf8"));
const { guard, app } = compose.services;

/** An instruction's words in the final stage. */
const words = (name) => new RegExp(`^ *${name} +(.+)$`, "m").exec(final)[1].trim().split(/\s+/);
const list = (name) => JSON.parse(new RegExp(`^ *${name} +(\\[.+\\])$`, "m").exec(final)[1]);
const variables = Object.fromEntries(words("ENV").map((pair) => pair.split(/=(.*)/s)));

// The build stage, with this machine's Node in place of the image's.
const stage = mkdtempSync(join(tmpdir(), "postern-image-"));
const image = join(stage, "image");
execFileSync("npm", ["pack", "--silent", "--pack-destination", stage], {
  cwd: HOME,
  stdio: "ignore",
});
execFileSync("cp", [join(FOLDER, "image.sh"), stage]);

await check(
  "every file that the Dockerfile copies is there, and its build stage collects the image",
  () => {
    const copied = [...build.matchAll(/^COPY +(\S+) /gm)].map(([, path]) => path);
    assert.deepEqual(copied, ["postern-*.tgz", "image.sh"]);
    for (const path of copied) {
      const name = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      assert.ok(
        execFileSync("ls", [stage], { encoding: "utf8" })
          .split("\n")
          .some((file) => name.test(file)),
        path,
      );
    }
    for (const [, command] of build.matchAll(/^RUN +(.+)$/gm)) {
      const here = command.replace("/image", image);
      execFileSync("sh", ["-c", here], { cwd: stage, stdio: ["ignore", "ignore", "pipe"] });
    }
    const taken = [...final.matchAll(/^COPY +(?:--\S+ +)*(\S+) /gm)].map(([, path]) => path);
    assert.equal(taken.length, 2);
    for (const path of taken) assert.ok(existsSync(join(stage, path)), path);
    for (const path of [list("ENTRYPOINT")[0], list("ENTRYPOINT")[1]])
      assert.ok(existsSync(join(image, path)), path);
  },
);

await check("the image has no shell, and its user is not root", () => {
  assert.match(final, /^scratch\n/);
  assert.ok(!existsSync(join(image, "bin/sh")) && !existsSync(join(image, "usr/bin")));
  const [user, group] = words("USER")[0].split(":").map(Number);
  assert.ok(user > 0 && group > 0);
});

await check("ports, variables and limits of image and compose file agree", () => {
  const [port] = words("EXPOSE");
  assert.ok(variables.POSTERN_LISTEN.endsWith(`:${port}`));
  assert.deepEqual(guard.ports, [`127.0.0.1:${port}:${port}`]);
  assert.ok(final.includes(`http://${variables.POSTERN_ADMIN}/readyz`));
  assert.deepEqual(list("VOLUME"), ["/var/lib/postern"]);
  assert.deepEqual(guard.volumes, ["keys:/var/lib/postern"]);
  assert.ok("keys" in compose.volumes);
  assert.ok(guard.read_only && guard.cap_drop.includes("ALL"));
  assert.ok(Number.parseInt(guard.stop_grace_period, 10) > 30);
});

await check("only the guard reaches the application", () => {
  assert.equal(app.ports, undefined);
  assert.deepEqual(app.networks, ["inside"]);
  assert.equal(compose.networks.inside.internal, true);
  assert.ok(guard.networks.includes("inside"));
  const { port, hostname } = new URL(guard.environment.POSTERN_TARGET);
  assert.ok(hostname in compose.services);
  assert.ok(app.command.includes(port));
});

await check(
  "what the image holds guards, as its user, and its health check follows the keys",
  async () => {
    const [user, group] = words("USER")[0].split(":").map(Number);
    chownSync(join(image, "var/lib/postern"), user, group);
    const run = ["chroot", `--userspec=${user}:${group}`, image];
    const [node, ...entry] = list("ENTRYPOINT").slice(0, -1);
    const [, , script] = [...final.matchAll(/CMD +(\[.+\])/g)]
      .map(([, json]) => JSON.parse(json))[0]
      .slice(-3);
    const health = (admin) => {
      const [program, ...args] = JSON.parse(/CMD +(\[.+\])/.exec(final)[1]).slice(0, -1);
      return spawnSync(run[0], [...run.slice(1), program, ...args, `${admin}/readyz`], {
        timeout: 10_000,
      }).status;
    };
    assert.ok(script);
    const settings = {
      ...variables,
      TEAM_DOMAIN: team,
      POLICY_AUD: AUD,
      POSTERN_ADMIN: "127.0.0.1:0",
    };
    delete settings.POSTERN_LISTEN;
    const open = async (more = {}) => {
      const started = await startProgram(run[0], [...run.slice(1), node, ...entry], [], {
        env: { PATH: process.env.PATH, ...settings, ...more },
      });
      const [, admin] = await says(started.child, /admin on (\S+)/);
      return { ...started, admin };
    };
    const warm = await open();
    assert.deepEqual(
      [await ask(warm.port), await ask(warm.port, forged), await ask(warm.port, person)],
      [401, 401, 200],
    );
    assert.equal(health(warm.admin), 0);
    assert.equal(await terminate(warm.child), 0);
    assert.equal(statSync(join(image, "var/lib/postern/keys.json")).uid, user);
    outage.isOn = true;
    const cold = await open({ POSTERN_KEYS_FILE: "/var/lib/postern/other.json" });
    assert.equal(health(cold.admin), 1);
    outage.isOn = false;
    await terminate(cold.child);
  },
);
