// An application in Go behind the guard, and curl in front of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { start } from "../machines.js";
import { says, terminate } from "../team.js";
import { bearing, curl, startCurl } from "./curl.js";

/** Builds the application and starts it: its address. */
async function startApplication(folder) {
  const program = join(folder, "app");
  const cache = join(folder, "cache");
  const source = new URL("../apps/main.go", import.meta.url).pathname;
  execFileSync("go", ["build", "-o", program, source], {
    env: { ...process.env, GOCACHE: cache, GO111MODULE: "off", CGO_ENABLED: "0" },
    timeout: 300_000,
  });
  rmSync(cache, { recursive: true });
  const [, address] = await says(start(program, []), /listens on (\S+)/);
  return address;
}

export async function checkGo({ check, startGuard, person, forged, folder }) {
  const address = await startApplication(folder);
  const guard = await startGuard("--target", `http://${address}`);
  const url = `http://127.0.0.1:${guard.port}`;
  const genuine = bearing(person);

  await check(
    "a Go application gets curl's requests with the identity, and not what curl claims",
    async () => {
      for (const version of ["--http1.1", "--http1.0"]) {
        const claims = ["Remote_User: evil", "Remote-User: evil", "X_Auth_Request_Email: evil"];
        const { status, body } = await curl(
          version,
          ...genuine,
          ...claims.flatMap((claim) => ["-H", claim]),
          `${url}/some/path`,
        );
        assert.equal(status, 200);
        const told = JSON.parse(body);
        assert.deepEqual([told.user, told.email, told.claims], ["u1", "ada@example.com", null]);
        assert.equal(told.path, "/some/path");
      }
    },
  );

  await check("only a genuine token reaches a Go application", async () => {
    const cookie = (token) => ["-b", `CF_Authorization=${token}`];
    const tokens = [
      [],
      bearing("garbage"),
      bearing(forged),
      cookie(forged),
      [...bearing(forged), ...cookie(person)],
      ["-H", `Authorization: Bearer ${person}`],
    ];
    // All at once, because a token under an unknown key is answered after the next fetch of the keys.
    const answers = await Promise.all(tokens.map((token) => curl(...token, `${url}/some/path`)));
    for (const { status, body } of answers) {
      assert.equal(status, 401);
      assert.doesNotMatch(body, /hash/);
    }
    assert.equal((await curl(...cookie(person), url)).status, 200);
    // What a client that speaks HTTP/2 without TLS asks for first.
    assert.equal((await curl("--http2", ...genuine, url)).status, 400);
  });

  await check(
    "a Go application gets curl's uploads whole, with a length and in chunks",
    async () => {
      const bytes = randomBytes(5 * 2 ** 20);
      const file = join(folder, "upload");
      writeFileSync(file, bytes);
      const hash = createHash("sha256").update(bytes).digest("hex");
      // From one megabyte on curl waits for "100 Continue".
      const ways = [
        ["--data-binary", `@${file}`],
        ["-T", file],
        ["-T", file, "-H", "Transfer-Encoding: chunked"],
      ];
      for (const way of ways) {
        const { status, body } = await curl(...way, ...genuine, `${url}/whole`);
        assert.equal(status, 200);
        assert.deepEqual([JSON.parse(body).length, JSON.parse(body).hash], [bytes.length, hash]);
      }
      const refusal = async (way) =>
        (await curl(...way, ...bearing(forged), `${url}/whole`)).status;
      assert.deepEqual(await Promise.all(ways.map(refusal)), [401, 401, 401]);
    },
  );

  await check("a Go application sees an upload begin before curl has the rest of it", async () => {
    const { child, ended } = startCurl("-T", "-", ...genuine, `${url}/upload`);
    child.stdin.write("first");
    assert.equal((await curl(...genuine, `${url}/begun`)).status, 200);
    child.stdin.end(" and last");
    const { status, body } = await ended;
    // The application took one byte of it before it counted.
    assert.deepEqual([status, JSON.parse(body).length], [200, "first and last".length - 1]);
  });

  await check("curl has a Go application's first line before there is a last one", async () => {
    const { child, ended } = startCurl(...genuine, `${url}/stream`);
    await says(child, /first\n/);
    assert.doesNotMatch(child.text, /last/);
    assert.equal((await curl(...genuine, `${url}/release`)).status, 200);
    assert.deepEqual(await ended, { status: 200, body: "first\nlast\n" });
    const refused = await curl(...bearing(forged), `${url}/stream`);
    assert.equal(refused.status, 401);
    assert.doesNotMatch(refused.body, /first/);
  });

  await check("a Go application learns that curl has left", async () => {
    const { child } = startCurl(...genuine, `${url}/stream`);
    await says(child, /first\n/);
    await terminate(child);
    assert.equal((await curl(...genuine, `${url}/left`)).status, 200);
  });

  await check(
    "a Go application gets the trailers of a request, and no identity in them",
    async () => {
      const headers = { "cf-access-jwt-assertion": person, trailer: "X-Sum, Remote-User" };
      const options = { host: "127.0.0.1", port: guard.port, method: "POST", headers };
      const body = await new Promise((resolve, reject) => {
        const sent = request(
          { ...options, signal: AbortSignal.timeout(20_000) },
          async (answer) => {
            resolve((await answer.toArray()).join(""));
          },
        );
        sent.on("error", reject);
        sent.write("some bytes");
        sent.addTrailers([
          ["X-Sum", "42"],
          ["Remote-User", "evil"],
          ["X-Auth-Request-Email", "evil"],
        ]);
        sent.end();
      });
      assert.deepEqual(JSON.parse(body).trailer["X-Sum"], ["42"]);
      assert.doesNotMatch(body, /evil/);
    },
  );
}
