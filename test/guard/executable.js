// The command as one file, where there is nothing else: no Node, no shell, no package.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyLibraries } from "./chroot.js";
import { check } from "./report.js";
import { AUD, ask, forged, person, startProgram, team, terminate } from "./team.js";

const HOME = new URL("../../", import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(HOME, "package.json"), "utf8"));
const root = mkdtempSync(join(tmpdir(), "postern-root-"));

await check("one command makes the executable", () => {
  execFileSync("npm", ["run", "--silent", "executable"], {
    cwd: HOME,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const program = join(HOME, "scripts/executable/dist/postern");
  copyFileSync(program, join(root, "postern"));
  copyLibraries(program, root);
  for (const folder of ["keys", "tmp"]) mkdirSync(join(root, folder), { mode: 0o777 });
});

const inRoot = (...args) => spawnSync("chroot", [root, "/postern", ...args], { encoding: "utf8" });

await check("it says its version and its help, and exits with 2 for a flag that is none", () => {
  assert.equal(inRoot("--version").stdout.trim(), version);
  assert.match(inRoot("help", "guard").stdout, /--keys-file FILE/);
  const { status, stderr } = inRoot("guard", "--tem", "acme");
  assert.equal(status, 2);
  assert.match(stderr, /--team/);
});

for (const workers of ["1", "2"]) {
  await check(
    `alone in a folder, with --workers ${workers}, it lets in a genuine token and no other`,
    async () => {
      writeFileSync(
        join(root, "guard.json"),
        JSON.stringify({ team, audience: AUD, keysFile: `/keys/${workers}.json` }),
      );
      const args = ["--config", "/guard.json", "--workers", workers];
      const { child, port } = await startProgram("chroot", [root, "/postern"], args);
      const statuses = [];
      for (const token of [undefined, "garbage", forged, person])
        statuses.push(await ask(port, token));
      assert.deepEqual(statuses, [401, 401, 401, 200]);
      assert.match(readFileSync(join(root, `keys/${workers}.json`), "utf8"), /RS256/);
      assert.equal(await terminate(child), 0);
    },
  );
}
