// The guard as a proxy in front of a Go application and of a static site, for curl and for a browser.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, listens, start } from "./machines.js";

const run = promisify(execFile);
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PATIENCE_MS = 120_000;

/** @param startGuard starts one with more arguments; the tokens are a genuine one and a forgery */
export async function checkClients({ check, startGuard, person, forged }) {
  const folder = mkdtempSync(join(tmpdir(), "postern-clients-"));
  const bearing = (token) => ["-H", `Cf-Access-Jwt-Assertion: ${token}`];
  /** curl's status and body. */
  const curl = async (...args) => {
    const written = ["-sS", "-m", "30", "-w", "\n%{http_code}", ...args];
    const { stdout } = await run("curl", written, { maxBuffer: 64 * 2 ** 20 });
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  };

  const program = join(folder, "app");
  await run("go", ["build", "-o", program, new URL("apps/main.go", import.meta.url).pathname], {
    env: { ...process.env, GOCACHE: join(folder, "cache"), GO111MODULE: "off", CGO_ENABLED: "0" },
  });
  const app = start(program, []);
  const address = await said(app, /listens on (\S+)/);
  const { port } = await startGuard("--target", `http://${address}`);
  const url = `http://127.0.0.1:${port}/some/path`;

  await check(
    "a Go application gets curl's requests with the identity, and not what curl claims",
    async () => {
      for (const version of ["--http1.1", "--http1.0"]) {
        const { status, body } = await curl(
          version,
          ...bearing(person),
          "-H",
          "Remote_User: evil",
          "-H",
          "Remote-User: evil",
          url,
        );
        assert.equal(status, 200);
        const told = JSON.parse(body);
        assert.deepEqual([told.user, told.email, told.claims], ["u1", "ada@example.com", null]);
        assert.equal(told.path, "/some/path");
      }
    },
  );

  await check("only a genuine token reaches a Go application", async () => {
    for (const token of [
      [],
      bearing("garbage"),
      bearing(forged),
      ["-H", `Authorization: Bearer ${person}`],
    ]) {
      assert.equal((await curl(...token, url)).status, 401);
    }
    // What a client that speaks HTTP/2 without TLS asks for first.
    assert.equal((await curl("--http2", ...bearing(person), url)).status, 400);
  });

  await check(
    "a Go application gets curl's uploads whole, with a length and in chunks",
    async () => {
      const bytes = randomBytes(5 * 2 ** 20);
      const file = join(folder, "upload");
      writeFileSync(file, bytes);
      const hash = createHash("sha256").update(bytes).digest("hex");
      // From one megabyte on curl waits for "100 Continue".
      for (const way of [
        ["--data-binary", `@${file}`],
        ["-T", file],
        ["-T", file, "-H", "Transfer-Encoding: chunked"],
      ]) {
        const { status, body } = await curl(...way, ...bearing(person), url);
        assert.equal(status, 200);
        assert.deepEqual([JSON.parse(body).length, JSON.parse(body).hash], [bytes.length, hash]);
      }
      assert.equal((await curl("-T", file, url)).status, 401);
    },
  );

  const site = await staticSite(folder);
  const front = await startGuard("--target", `http://127.0.0.1:${site}`);
  const page = `http://127.0.0.1:${front.port}/page.txt`;

  await check(
    "a static site of nginx serves whole files, ranges and what is not modified",
    async () => {
      assert.deepEqual(await curl(...bearing(person), page), { status: 200, body: "0123456789" });
      const part = await curl(...bearing(person), "-r", "2-4", page);
      assert.deepEqual(part, { status: 206, body: "234" });
      const { body } = await curl(...bearing(person), "-I", page);
      const [, tag] = /etag: (\S+)/i.exec(body);
      const same = await curl(...bearing(person), "-H", `If-None-Match: ${tag}`, page);
      assert.deepEqual(same, { status: 304, body: "" });
      assert.equal(
        (await curl(...bearing(person), "--path-as-is", `${page}/../../secret`)).status,
        400,
      );
    },
  );

  await check("a static site of nginx shows nothing without a genuine token", async () => {
    for (const token of [[], bearing(forged)]) {
      const { status, body } = await curl(...token, page);
      assert.equal(status, 401);
      assert.ok(!body.includes("0123"));
    }
  });

  await check(
    "a browser loads a page and opens a WebSocket with its cookie, and without it neither",
    async () => {
      const told = await browse({ folder, startGuard, person });
      assert.deepEqual(told, {
        before: "401, no socket",
        after: "ada@example.com, hello ada@example.com",
      });
    },
  );
}

/** Waits for what a program says. */
async function said(child, pattern) {
  for (let turn = 0; turn < PATIENCE_MS / 100; turn++) {
    const [, found] = pattern.exec(child.text) ?? [];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`a program does not say what it should: ${child.text}`);
}

async function staticSite(folder) {
  const port = await freePort();
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "site", "page.txt"), "0123456789");
  const file = join(folder, "site.conf");
  writeFileSync(
    file,
    `user root;
events {}
http { access_log off; server { listen 127.0.0.1:${port}; root ${folder}/site; } }
`,
  );
  const global = `daemon off; pid ${folder}/pid; error_log stderr;`;
  await listens(port, start("nginx", ["-p", folder, "-c", file, "-g", global]));
  return port;
}

const SCRIPT = `
const socket = () => new Promise((resolve) => {
  const opened = new WebSocket("ws://" + location.host + "/chat");
  opened.onmessage = ({ data }) => resolve(data);
  opened.onerror = () => resolve("no socket");
});
const load = async () => {
  const answer = await fetch("/who");
  return answer.ok ? answer.text() : answer.status;
};
const both = async () => (await load()) + ", " + (await socket());
const before = await both();
await fetch("/open/log-in");
const after = await both();
await fetch("/open/report", { method: "POST", body: JSON.stringify({ before, after }) });
`;

/** What a page in Chromium finds, before it has its cookie and after. */
async function browse({ folder, startGuard, person }) {
  let report;
  const reported = new Promise((resolve) => {
    report = resolve;
  });
  const app = createServer(async (request, response) => {
    if (request.url === "/open/report") {
      let text = "";
      for await (const chunk of request) text += chunk;
      report(JSON.parse(text));
    }
    if (request.url === "/open/log-in") {
      response.setHeader("Set-Cookie", `CF_Authorization=${person}; Path=/; HttpOnly`);
    }
    response.setHeader("Content-Type", "text/html");
    if (request.url === "/open/page") response.end(`<script type="module">${SCRIPT}</script>`);
    else response.end(request.headers["x-auth-request-email"]);
  });
  app.on("upgrade", ({ headers }, socket) => {
    socket.on("error", () => socket.destroy());
    const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const accept = createHash("sha1")
      .update(headers["sec-websocket-key"] + guid)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const text = Buffer.from(`hello ${headers["x-auth-request-email"]}`);
    // One text frame (RFC 6455 section 5.2).
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  });
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const file = join(folder, "browser.json");
  writeFileSync(
    file,
    JSON.stringify({ publicPaths: ["/open/page", "/open/log-in", "/open/report"] }),
  );
  const target = `http://127.0.0.1:${app.address().port}`;
  const { port } = await startGuard("--config", file, "--target", target);
  const browser = start(CHROMIUM, [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"],
    `--user-data-dir=${join(folder, "profile")}`,
    `http://127.0.0.1:${port}/open/page`,
  ]);
  const timer = setTimeout(() => report(`nothing: ${browser.text.slice(-500)}`), PATIENCE_MS);
  const found = await reported;
  clearTimeout(timer);
  browser.kill("SIGTERM");
  app.close();
  app.closeAllConnections();
  return found;
}
