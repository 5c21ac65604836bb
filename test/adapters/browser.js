// The browser helper in real Chromium, in an application behind Local Access.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";
import { startLocalAccess } from "postern/local";
import { freePort } from "../support/free-port.js";

const HELPER = new URL("node_modules/postern/dist/browser.js", import.meta.url);

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>the application</title>
<link rel="icon" href="data:,">
<p id="state"></p>
<button id="load">load</button>
<script type="module">
  import { createAccessFetch, logIn, SessionEndedError } from "/browser.js";
  const state = document.getElementById("state");
  const accessFetch = createAccessFetch({
    onSessionEnd() {
      if (!logIn()) state.textContent = "access refused";
    },
  });
  async function load(path) {
    try {
      const response = await accessFetch(path);
      state.textContent = await response.text();
    } catch (error) {
      if (!(error instanceof SessionEndedError)) state.textContent = String(error);
    }
  }
  // Several at once, as pages do.
  const path = location.pathname === "/broken" ? "/api/broken" : "/api/whoami";
  document.getElementById("load").onclick = () => Promise.all([load(path), load(path), load(path)]);
  load(path);
</script>`;

/** A single-page application whose pages count their requests. */
async function startSite() {
  const port = await freePort();
  const access = await startLocalAccess({ target: `http://127.0.0.1:${port}`, port: 0 });
  const guard = requireAccess(createVerifier({ team: access.issuer, audience: access.audience }));
  const site = { url: access.url, pages: 0 };
  const server = createServer((request, response) =>
    guard(request, response, () => {
      if (request.url === "/browser.js") {
        response.setHeader("content-type", "text/javascript");
        return response.end(readFileSync(HELPER));
      }
      if (request.url === "/api/whoami") return response.end(request.access.principal.email);
      // This path is misconfigured and refuses every user, so a new log-in does not help.
      if (request.url === "/api/broken") return response.writeHead(401).end();
      site.pages++;
      response.setHeader("content-type", "text/html");
      return response.end(PAGE);
    }),
  );
  server.listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  return {
    site,
    page,
    says: (text) => page.getByText(text, { exact: true }).waitFor(),
    logIn: () => page.getByRole("button", { name: "ada@example.com" }).click(),
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await access.close();
    },
  };
}

const open = async (path, story) => {
  const site = await startSite();
  try {
    await site.page.goto(`${site.site.url}${path}`);
    await site.logIn();
    await story(site);
  } finally {
    await site.close();
  }
};

export const BROWSER = [
  [
    "sends a user whose session ended on an open page to the log-in, and back",
    () =>
      open("/", async ({ site, page, says, logIn }) => {
        await says("ada@example.com");
        // The session ends elsewhere: this page notices it at its next request.
        await page.context().clearCookies();
        const before = site.pages;
        await page.getByRole("button", { name: "load" }).click();
        await page.getByRole("button", { name: "ada@example.com" }).waitFor();
        await logIn();
        await says("ada@example.com");
        assert.equal(new URL(page.url()).pathname, "/");
        assert.equal(site.pages, before + 1);
      }),
  ],
  [
    "does not reload in a loop when logging in does not help",
    () =>
      open("/broken", async ({ site, says, page }) => {
        await says("access refused");
        await new Promise((resolve) => setTimeout(resolve, 1000));
        assert.equal(site.pages, 2);
        await page.getByRole("button", { name: "load" }).click();
        await says("access refused");
        assert.equal(site.pages, 2);
      }),
  ],
];
