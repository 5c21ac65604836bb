// An installed web app behind a gate, whose service worker answers every page from its cache.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const HELPER = new URL("../../dist/browser.js", import.meta.url);

/** It requests its data, and goes to the log-in when the session has ended. */
const PAGE = `<!doctype html><title>app</title><h1>shell</h1>
<script type="module">
  import { createAccessFetch, logIn } from "/browser.js";
  const send = createAccessFetch({ onSessionEnd: () => window.logInAgain?.() });
  window.logIn = logIn;
  window.ask = async () => {
    try { return (await send("/api")).status; } catch (error) { return error.name; }
  };
  const answer = await window.ask();
  document.querySelector("h1").textContent = answer === 200 ? "hello" : answer;
</script>`;

/**
 * As Workbox does with `navigateFallback`; `?deny` leaves Access's own addresses to the network.
 */
const WORKER = `
  addEventListener("install", (event) => event.waitUntil((async () => {
    await (await caches.open("shell")).addAll(["/shell", "/browser.js"]);
    await skipWaiting();
  })()));
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("fetch", (event) => {
    const { pathname } = new URL(event.request.url);
    const isDenied = location.search === "?deny" && pathname.startsWith("/cdn-cgi/");
    if (pathname === "/browser.js") event.respondWith(caches.match(event.request));
    if (event.request.mode === "navigate" && !isDenied) event.respondWith(caches.match("/shell"));
  });`;

/**
 * Starts the app behind its gate, and the team's own origin. As with Access, the log-in is there,
 * and the cookie is set on the way back, at an address of the app.
 */
export async function startInstalledApp() {
  const helper = await readFile(HELPER, "utf8");
  const seen = [];
  let session = 0;
  const team = await listen((request, response) => {
    const back = new URL(request.url, "http://team").searchParams.get("back");
    response.setHeader("content-type", "text/html");
    response.end(
      `<title>log-in</title><a href="${app.url}/cdn-cgi/access/authorized?to=${back}">Log in</a>`,
    );
  });
  const app = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://app");
    seen.push(pathname);
    const send = (type, body) => response.setHeader("content-type", type).end(body);
    if (pathname === "/cdn-cgi/access/authorized") {
      response.setHeader("set-cookie", `session=${session}; Path=/; HttpOnly`);
      return response.writeHead(302, { location: searchParams.get("to") }).end();
    }
    if (!request.headers.cookie?.includes(`session=${session}`)) {
      if (request.headers["x-requested-with"] !== undefined) return response.writeHead(401).end();
      return response.writeHead(302, { location: `${team.url}/log-in?back=${pathname}` }).end();
    }
    if (pathname === "/browser.js") return send("text/javascript", helper);
    if (pathname === "/worker.js") return send("text/javascript", WORKER);
    if (pathname === "/api") return send("application/json", "{}");
    return send("text/html", PAGE);
  });
  return {
    url: app.url,
    teamUrl: team.url,
    seen,
    /** Ends every session. */
    endSessions() {
      session++;
    },
    close() {
      app.close();
      team.close();
    },
  };
}

async function listen(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
