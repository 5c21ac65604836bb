// A page in Chromium: what it may load, and the WebSockets and event streams that it may open.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { start } from "../machines.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PATIENCE_MS = 120_000;
const GUARDED = ["/chat", "/events", "/who"];
const COOKIES = ["none", "forged", "genuine", "deleted"];
const OPEN = ["/open/page", "/open/report", ...COOKIES.map((name) => `/open/cookie/${name}`)];

/** In the page: what it gets with each cookie. A cookie is set as Access sets it, out of the script's reach. */
const SCRIPT = `
const load = async () => {
  const answer = await fetch("/who");
  return answer.ok ? answer.text() : answer.status;
};
const chat = () => new Promise((resolve) => {
  const socket = new WebSocket("ws://" + location.host + "/chat");
  socket.onopen = () => socket.send("tick");
  socket.onmessage = ({ data }) => { socket.close(); resolve(data); };
  socket.onerror = () => resolve("no socket");
});
const follow = () => new Promise((resolve) => {
  const events = new EventSource("/events");
  events.onmessage = ({ data }) => { events.close(); resolve(data); };
  events.onerror = () => { events.close(); resolve("no events"); };
});
const found = {};
for (const cookie of ${JSON.stringify(COOKIES)}) {
  await fetch("/open/cookie/" + cookie);
  found[cookie] = await Promise.all([load(), chat(), follow()]);
}
await fetch("/open/report", { method: "POST", body: JSON.stringify(found) });
`;

/** The text of the one frame that the page sends (RFC 6455 section 5.2): it is short and masked. */
function unframe(bytes) {
  const length = bytes[1] & 0x7f;
  const mask = bytes.subarray(2, 6);
  const text = bytes.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]);
  return text.toString();
}

/** Sends each message of a page back, with the user that the guard's headers name. */
function chatWith({ headers }, socket) {
  socket.on("error", () => socket.destroy());
  const accept = createHash("sha1")
    .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on("data", (frame) => {
    const isText = (frame[0] & 0x0f) === 1;
    if (!isText) return socket.end();
    const text = Buffer.from(`${unframe(frame)} from ${headers["x-auth-request-email"]}`);
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  });
}

/** @param cookies what each of the page's cookies is; `reached` are the guarded paths that were asked for */
function application(cookies, report) {
  const reached = [];
  const note = ({ url }) => {
    if (GUARDED.includes(url)) reached.push(url);
  };
  const app = createServer(async (request, response) => {
    note(request);
    const [, cookie] = /^\/open\/cookie\/(\w+)$/.exec(request.url) ?? [];
    if (cookies[cookie]) response.setHeader("Set-Cookie", `CF_Authorization=${cookies[cookie]}`);
    const email = request.headers["x-auth-request-email"];
    if (request.url === "/events") {
      // It stays open: the page has its event although there is no end.
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(`data: for ${email}\n\n`);
    } else if (request.url === "/open/report") {
      report(JSON.parse((await request.toArray()).join("")));
      response.end();
    } else if (request.url === "/open/page") {
      response.setHeader("Content-Type", "text/html");
      response.end(`<script type="module">${SCRIPT}</script>`);
    } else response.end(email);
  });
  app.on("upgrade", (request, socket) => {
    note(request);
    chatWith(request, socket);
  });
  return { app, reached };
}

export async function checkBrowser({ check, startGuard, person, forged, folder }) {
  await check(
    "a browser's page loads, opens a WebSocket and follows events with a genuine cookie, and with no other",
    async () => {
      let report;
      const reported = new Promise((resolve) => {
        report = resolve;
      });
      const cookies = {
        forged: `${forged}; Path=/; HttpOnly`,
        genuine: `${person}; Path=/; HttpOnly`,
        deleted: "; Path=/; Max-Age=0",
      };
      const { app, reached } = application(cookies, report);
      app.listen(0, "127.0.0.1");
      await once(app, "listening");
      const file = join(folder, "browser.json");
      writeFileSync(file, JSON.stringify({ publicPaths: OPEN }));
      const target = `http://127.0.0.1:${app.address().port}`;
      const { port } = await startGuard("--config", file, "--target", target);
      const browser = start(CHROMIUM, [
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"],
        `--user-data-dir=${join(folder, "profile")}`,
        `http://127.0.0.1:${port}/open/page`,
      ]);
      const timer = setTimeout(() => report(browser.text.slice(-500)), PATIENCE_MS);
      const found = await reported;
      clearTimeout(timer);
      browser.kill("SIGTERM");
      app.close();
      app.closeAllConnections();

      const nothing = [401, "no socket", "no events"];
      const ada = "ada@example.com";
      assert.deepEqual(found, {
        none: nothing,
        forged: nothing,
        genuine: [ada, `tick from ${ada}`, `for ${ada}`],
        deleted: nothing,
      });
      assert.deepEqual(reached.sort(), GUARDED);
    },
  );
}
