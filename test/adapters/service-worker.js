// A Service Worker in Chromium, reached over HTTP: a page passes the requests on.
import { createServer } from "node:http";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const listen = async (server) => {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server.address().port;
};

/** Starts a stand-in for an application: the page, its worker, and an HTTP server in front. */
export async function startServiceWorker(folder, { TEAM_DOMAIN, POLICY_AUD }) {
  const script = await bundle(`${folder}/service-worker.js`);
  const site = createServer(({ url }, response) => {
    const isScript = url.startsWith("/service-worker.js");
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : "<!doctype html><title>the network</title>");
  });
  const origin = `http://127.0.0.1:${await listen(site)}`;
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  const page = await browser.newPage();
  await page.goto(origin);
  const facts = new URLSearchParams({ team: TEAM_DOMAIN, audience: POLICY_AUD });
  await page.evaluate(takeOver, `/service-worker.js?${facts}`);

  const way = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString("base64");
    const answer = await page
      .evaluate(sendOn, { method, url, headers, body })
      .catch(() => ({ status: 400, headers: {}, text: "not to be sent" }));
    response.writeHead(answer.status, answer.headers).end(answer.text);
  });
  const port = await listen(way);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    origin,
    page,
    output: () => "",
    async stop() {
      await browser.close();
      for (const server of [way, site]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function bundle(entry) {
  const options = { bundle: true, format: "iife", write: false, logLevel: "error" };
  const { outputFiles } = await build({ entryPoints: [entry], ...options });
  return outputFiles[0].text;
}

/** In the page: resolves when the worker controls it. */
async function takeOver(script) {
  const { serviceWorker } = navigator;
  const isControlled = new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
  await serviceWorker.register(script);
  await isControlled;
}

/** In the page: the address as a browser parses it, and a body in chunks. */
async function sendOn({ method, url, headers, body }) {
  const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  const chunks = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 40_000) {
        controller.enqueue(bytes.slice(at, at + 40_000));
      }
      controller.close();
    },
  });
  const { host, connection, "transfer-encoding": _, ...rest } = headers;
  const response = await fetch(`${location.origin}${url}`, {
    method,
    headers: rest,
    ...(bytes.length > 0 && { body: chunks, duplex: "half" }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}
