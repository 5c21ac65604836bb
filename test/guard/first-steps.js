// The page's first ten minutes, followed to the letter, with this run's ports.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.js";
import { listens, start } from "./machines.js";
import { check } from "./report.js";
import { CLI } from "./team.js";

const page = readFileSync(new URL("../../docs/guide/guard.md", import.meta.url), "utf8");
const [, section] = /^## Ten minutes.*?\n(.*?)^### 6\. /ms.exec(page);
const ports = [];
for (let times = 0; times < 4; times++) ports.push(await freePort());
const [front, guard, app, local] = ports;

/** What the page says, on other ports and without an installation. */
const moved = (text) =>
  text
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${front}`)
    .replaceAll("127.0.0.1:9180", `127.0.0.1:${guard}`)
    .replaceAll("127.0.0.1:8000", `127.0.0.1:${app}`)
    .replaceAll('"127.0.0.1", 8000', `"127.0.0.1", ${app}`)
    .replaceAll("127.0.0.1:8788", `127.0.0.1:${local}`)
    .replaceAll("local 8080", `local ${front} --port ${local}`)
    .replaceAll("guard --team", `guard --listen 127.0.0.1:${guard} --team`)
    .replaceAll("npx --no-install postern", `${process.execPath} ${CLI}`)
    .replaceAll("sudo ", "");

const blocks = (language) =>
  [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) =>
    moved(code),
  );

await check(
  "the page's first ten minutes end with a forged token refused and a genuine one accepted",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "postern-steps-"));
    writeFileSync(join(folder, "app.py"), blocks("python")[0]);
    writeFileSync(join(folder, "nginx.conf"), blocks("text")[0]);
    const [install, ...steps] = blocks("sh");
    assert.match(install, /^npm install \.\/postern-.+\.tgz\n$/);
    assert.equal(steps.length, 7);
    const programs = steps.slice(0, 4);
    for (const [at, port] of [app, local, guard, front].entries()) {
      const child = start("sh", ["-c", `exec ${programs[at]}`], { cwd: folder });
      await listens(port, child);
    }
    const [none, forged, genuine] = steps.slice(4).map((step) =>
      execFileSync("sh", ["-c", step], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    );
    assert.match(none, /^HTTP\/1\.1 401 /);
    assert.match(forged, /^HTTP\/1\.1 401 /);
    assert.match(genuine, /^HTTP\/1\.1 200 /);
    assert.match(genuine, /"email": "ada@example\.com"/);
    assert.doesNotMatch(genuine, /eve@/);
  },
);
