// Local Access in front of the example application, in a real Chromium.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { chromium } from "playwright-core";
import { startLocalAccess } from "../../dist/local.js";
import { startBoth } from "../../examples/local/start.js";
import { logInTests } from "./log-in.js";
import { run } from "./run.js";

let browser;
let context;
let page;
let access;
let both;
/** A page of another site: it runs the script that a test gives it. */
let stranger;
let attack = "";

const tests = [];
const test = (title, body) => tests.push({ title, body });

async function open() {
  both = await startBoth({ port: 0, team: "acme" });
  access = both.access;
  stranger = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>stranger</title><body>${attack}`);
  }).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}

async function close() {
  await browser?.close();
  await both?.stop();
  stranger?.close();
  stranger?.closeAllConnections();
}

async function openPage() {
  await context?.close();
  context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
}

const strangersUrl = () => `http://127.0.0.1:${stranger.address().port}/`;
const heading = () => page.locator("h1").textContent();

async function logIn() {
  await page.goto(access.url);
  await page.getByRole("button", { name: "ada@example.com" }).click();
  assert.equal(await heading(), "Hello ada@example.com");
}

test("a user opens the application, logs in, is greeted, logs out and is asked to log in again", async () => {
  await page.goto(`${access.url}/?page=2`);
  assert.equal(await heading(), "Log in to acme");
  await page.getByRole("button", { name: "ada@example.com" }).click();
  assert.equal(await heading(), "Hello ada@example.com");
  assert.equal(page.url(), `${access.url}/?page=2`);
  await page.reload();
  assert.equal(await heading(), "Hello ada@example.com");
  await page.getByRole("link", { name: "Log out" }).click();
  assert.equal(await heading(), "You are logged out");
  assert.deepEqual(await context.cookies(), []);
  await page.goto(access.url);
  assert.equal(await heading(), "Log in to acme");
});

test("the cookie is HttpOnly, Lax and for every path, and no script reads it", async () => {
  await logIn();
  const cookies = await context.cookies();
  assert.equal(cookies.length, 1);
  const [{ name, httpOnly, sameSite, path, secure }] = cookies;
  assert.deepEqual(
    { name, httpOnly, sameSite, path, secure },
    { name: "CF_Authorization", httpOnly: true, sameSite: "Lax", path: "/", secure: false },
  );
  assert.equal(await page.evaluate("document.cookie"), "");
});

test("the log-in page works without JavaScript, and takes groups, country, claims and session", async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  plain.setDefaultTimeout(10_000);
  page = await plain.newPage();
  await page.goto(access.url);
  await page.locator("summary").click();
  await page.getByLabel("Email").fill("grace@example.org");
  await page.getByLabel("Groups").fill("navy, compilers");
  await page.getByLabel("Country").fill("us");
  await page.getByLabel("Session").selectOption("15 minutes");
  await page.getByLabel("Custom claims").fill('{"role": "admiral", "<b>": 1}');
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  assert.equal(await heading(), "Hello grace@example.org");
  const facts = await page.locator("dl").textContent();
  for (const fact of ["US", "navy, compilers", '{"role":"admiral","<b>":1}']) {
    assert.ok(facts.includes(fact), fact);
  }
  const [{ expires }] = await plain.cookies();
  assert.ok(Math.abs(expires - Date.now() / 1000 - 900) < 60);
  await plain.close();
});

test("the log-in page says what is wrong and keeps the typed text", async () => {
  await page.goto(access.url);
  await page.locator("summary").click();
  await page.getByLabel("Groups").fill("navy");
  await page.getByLabel("Custom claims").fill("{not json");
  await page.getByRole("button", { name: "ada@example.com" }).click();
  assert.match(await page.getByRole("alert").textContent(), /JSON object/);
  assert.equal(await page.getByLabel("Custom claims").inputValue(), "{not json");
  assert.equal(await page.getByLabel("Groups").inputValue(), "navy");
  await page.getByLabel("Custom claims").fill("");
  await page.getByRole("button", { name: "ada@example.com" }).click();
  assert.equal(await heading(), "Hello ada@example.com");
});

test("no page of the emulator breaks its own content security policy", async () => {
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  for (const path of ["login", "logout", "local"]) {
    await page.goto(`${access.url}/cdn-cgi/access/${path}`);
    // The style sheet applies only if the policy allows it.
    assert.equal(await page.evaluate("getComputedStyle(document.body).display"), "flex");
  }
  assert.deepEqual(complaints, []);
});

test("every page fits a phone, and every button is large enough for a finger", async () => {
  const phone = await browser.newContext({ viewport: { width: 320, height: 640 }, hasTouch: true });
  page = await phone.newPage();
  for (const path of ["login", "logout", "local"]) {
    await page.goto(`${access.url}/cdn-cgi/access/${path}`);
    const [scroll, width] = await page.evaluate(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    );
    assert.ok(scroll <= width, `${path} is ${scroll} wide`);
    for (const button of await page.locator("button:visible, summary:visible").all()) {
      const box = await button.boundingBox();
      assert.ok(box.height >= 44, `${path}: ${box.height} high`);
    }
  }
  await phone.close();
});

test("a script's request gets 401 when the session is over, and no log-in page", async () => {
  await logIn();
  await context.clearCookies();
  const status = await page.evaluate(
    "fetch('/api/me', { headers: { 'X-Requested-With': 'XMLHttpRequest' } }).then((r) => r.status)",
  );
  assert.equal(status, 401);
});

test("the controls rotate keys under a running application", async () => {
  await page.goto(access.controls.url);
  await page.getByLabel("Control secret").fill("wrong");
  await page.getByRole("button", { name: "Open the controls" }).click();
  assert.match(await page.getByRole("alert").textContent(), /not the control secret/);
  await page.getByLabel("Control secret").fill(access.controls.secret);
  await page.getByRole("button", { name: "Open the controls" }).click();
  const before = await page.locator("li code").allInnerTexts();
  await page.getByRole("button", { name: "Rotate the keys" }).click();
  const later = await page.locator("li code").allInnerTexts();
  assert.equal(later[1], before[0]);
  await page.getByRole("button", { name: "Start an outage" }).click();
  assert.match(await page.getByRole("status").textContent(), /outage has begun/);
  await page.getByRole("button", { name: "End the outage" }).click();
  assert.match(await page.getByRole("status").textContent(), /outage is over/);
  await logIn();
});

test("a name rebound to this machine reaches nothing", async () => {
  const { port } = new URL(access.url);
  // What a victim's browser sends once an attacker's name points to this machine.
  for (const host of [
    `rebound.example:${port}`,
    `localhost.rebound.example:${port}`,
    "localhost",
  ]) {
    const request = get(`${access.url}/cdn-cgi/access/login`, { headers: { host } });
    const [answer] = await once(request, "response");
    answer.resume();
    assert.equal(answer.statusCode, 421, host);
  }
});

test("another origin's form cannot log a user in", async () => {
  attack = `<form method="post" action="${access.url}/cdn-cgi/access/login">
    <input name="email" value="mallory@example.com"><button>Win</button></form>`;
  await page.goto(strangersUrl());
  await page.getByRole("button", { name: "Win" }).click();
  assert.match(await page.locator("body").textContent(), /Origin of a form must be this server/);
  assert.deepEqual(await context.cookies(access.url), []);
});

test("another origin's page can neither frame the log-in nor read the application's answers", async () => {
  await logIn();
  attack = `<iframe src="${access.url}/cdn-cgi/access/login"></iframe>`;
  await page.goto(strangersUrl());
  const frame = page.frames().find((one) => one !== page.mainFrame());
  await assert.rejects(frame.locator("form").waitFor({ timeout: 500 }));
  const read = await page.evaluate(
    `fetch(${JSON.stringify(access.url)}, { credentials: "include" }).then(() => "read", () => "refused")`,
  );
  assert.equal(read, "refused");
});

test("a WebSocket opens from the application's own page and from no other origin", async () => {
  const server = createServer((_request, response) => response.end("<title>chat</title>"));
  server.on("upgrade", ({ headers }, socket) => {
    const accept = createHash("sha1")
      .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // One unmasked text frame (RFC 6455 section 5.2).
    socket.write(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from("hello")]));
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const chat = await startLocalAccess({
    target: `http://127.0.0.1:${server.address().port}`,
    port: 0,
  });
  try {
    const socket = `new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(chat.url.replace("http", "ws"))});
      socket.onmessage = ({ data }) => { resolve(data); socket.close(); };
      socket.onerror = () => resolve("refused");
    })`;
    await page.goto(chat.url);
    await page.getByRole("button", { name: "ada@example.com" }).click();
    await page.waitForFunction("document.title === 'chat'");
    assert.equal(await page.evaluate(socket), "hello");
    await page.goto(strangersUrl());
    assert.equal(await page.evaluate(socket), "refused");
  } finally {
    await chat.close();
    server.close();
    server.closeAllConnections();
  }
});

try {
  await open();
  await run([...tests, ...logInTests(() => page)], openPage);
} finally {
  await close();
}
