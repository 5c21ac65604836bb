// Files that nginx serves, behind the guard. nginx itself checks nothing.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/free-port.js";
import { listens, start } from "../machines.js";
import { bearing, curl } from "./curl.js";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** @returns the port of an nginx with a small file and a large one */
async function serve(folder, large) {
  const port = await freePort();
  const site = join(folder, "site");
  mkdirSync(site);
  writeFileSync(join(site, "page.txt"), "0123456789");
  writeFileSync(join(site, "large"), large);
  const file = join(folder, "site.conf");
  // The folder is this user's own, so nginx must not change to another one.
  writeFileSync(
    file,
    `user root;
events {}
http { access_log off; server { listen 127.0.0.1:${port}; root ${site}; } }
`,
  );
  const global = `daemon off; pid ${folder}/pid; error_log stderr;`;
  await listens(port, start("nginx", ["-p", folder, "-c", file, "-g", global]));
  return port;
}

export async function checkStaticSite({ check, startGuard, person, forged, folder }) {
  const large = randomBytes(20 * 2 ** 20);
  const site = await serve(folder, large);
  const guard = await startGuard("--target", `http://127.0.0.1:${site}`);
  const url = `http://127.0.0.1:${guard.port}`;
  const page = `${url}/page.txt`;
  const genuine = bearing(person);
  const tagOf = async () => {
    const { body } = await curl(...genuine, "-I", page);
    return /^etag: (\S+)/im.exec(body)[1];
  };

  await check(
    "a static site of nginx serves whole files, ranges and what is not modified",
    async () => {
      assert.deepEqual(await curl(...genuine, page), { status: 200, body: "0123456789" });
      const part = await curl(...genuine, "-r", "2-4", page);
      assert.deepEqual(part, { status: 206, body: "234" });
      const same = await curl(...genuine, "-H", `If-None-Match: ${await tagOf()}`, page);
      assert.deepEqual(same, { status: 304, body: "" });
      assert.equal((await curl(...genuine, `${url}/none`)).status, 404);
      const above = await curl(...genuine, "--path-as-is", `${page}/../../secret`);
      assert.equal(above.status, 400);
    },
  );

  await check("a static site of nginx serves a large file whole", async () => {
    const copy = join(folder, "copy");
    const { status } = await curl(...genuine, "-o", copy, `${url}/large`);
    assert.equal(status, 200);
    assert.equal(sha256(readFileSync(copy)), sha256(large));
  });

  await check("a static site of nginx shows nothing without a genuine token", async () => {
    const tag = await tagOf();
    const tokens = [[], bearing("garbage"), bearing(forged)];
    const questions = [[], ["-r", "2-4"], ["-H", `If-None-Match: ${tag}`]];
    // All at once, because a token under an unknown key is answered after the next fetch of the keys.
    const refused = async (...args) => {
      const { status, body } = await curl(...args);
      assert.equal(status, 401);
      assert.doesNotMatch(body, /234|etag|last-modified|nginx/i);
    };
    await Promise.all(
      tokens.flatMap((token) => [
        ...questions.map((question) => refused(...token, ...question, page)),
        refused(...token, "-I", page),
        // The same answer as for an existing file: it does not show which files exist.
        refused(...token, "-I", `${url}/none`),
      ]),
    );
  });
}
