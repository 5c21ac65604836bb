// Every kind of request to a fetch handler: on workerd, Bun and Deno, and in a Service Worker.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { copyExample, replaceIn, startApp } from "../lib/app.js";
import { send } from "../lib/http.js";
import { startServiceWorker } from "../service-worker.js";
import {
  agree,
  createHouse,
  http,
  METHODS,
  methods,
  overSocket,
  REACHED,
  socketOpens,
  socketSays,
} from "./lib/ways.js";

const SERVERS = new URL("servers/", import.meta.url);
const FIRST = '"run_worker_first": true';
const RUN_DENO = "deno run --node-modules-dir=manual --allow-net --allow-env --allow-read deno.js";

export async function open(issuer) {
  const house = createHouse();
  const [worker, bare, bun, deno, page] = await Promise.all([
    startWorker(issuer, "roads-worker", []),
    startWorker(issuer, "roads-worker-bare", ["--var GUARD:off"]),
    startServer(issuer, "bun.js", "bun bun.js"),
    startServer(issuer, "deno.js", RUN_DENO),
    startPage(issuer),
  ]);
  for (const { stop } of [worker, bare, bun, deno, page]) house.onClose(stop);

  const servers = { workerd: worker, Bun: bun, Deno: deno };
  const everywhere = (ways) =>
    agree(
      Object.fromEntries(
        Object.entries(servers).flatMap(([name, { url }]) =>
          Object.entries(ways(url)).map(([way, go]) => [`${name} ${way}`, go]),
        ),
      ),
    );
  // Neither a browser's nor Deno's `fetch` can send them.
  const usual = METHODS.filter((method) => method !== "TRACE");
  const webSockets = (url) => ({
    opens: socketOpens(overSocket(url)),
    says: socketSays(overSocket(url)),
  });
  return {
    roads: {
      "HTTP requests of every method": {
        reach: everywhere((url) => methods(url, usual)),
        unguarded: agree(methods(bare.url, usual)),
      },
      "WebSocket upgrades in the handler": {
        reach: everywhere(webSockets),
        unguarded: agree(webSockets(bare.url)),
      },
      "error handlers: `onError` of Deno, `error` of Bun": {
        reach: agree({ Bun: http(`${bun.url}/throws`), Deno: http(`${deno.url}/throws`) }),
      },
      "Workers: files of Static Assets": {
        reach: http(`${worker.url}/files/file.txt`),
        unguarded: http(`${bare.url}/files/file.txt`),
      },
      "Workers: `fetch` by a service binding": {
        reach: http(`${worker.url}/as-a-caller`),
      },
      "Workers: Durable Objects behind a guarded `fetch`": {
        reach: http(`${worker.url}/room`),
        unguarded: http(`${bare.url}/room`),
      },
      "Workers: RPC methods of an entrypoint, by a service binding": {
        reach: http(`${worker.url}/as-another-worker`),
      },
      "Workers: `scheduled`, `queue`, `email`, `tail` and `alarm`": {
        reach: agree({
          scheduled: marks(worker.url, "/cdn-cgi/handler/scheduled", "scheduled"),
          queue: marks(worker.url, "/send", "queue"),
        }),
      },
      "Bun: `routes`": {
        reach: agree({
          "a route": http(`${bun.url}/guarded`),
          "a route of one method": http(`${bun.url}/methods`, { method: "POST" }),
        }),
        unguarded: agree({
          "a route": http(`${bun.url}/open`),
          "a route with a parameter": http(`${bun.url}/open/x`),
        }),
      },
      "Bun: `routes` that are a `Response`, a file or a page": { reach: http(`${bun.url}/static`) },
      "Service Workers: requests of a page that the worker controls": {
        reach: tells(`${page.url}/admin`, "the admin area"),
      },
      "Service Workers: the origin itself": { reach: tells(page.origin, "the network") },
      "Service Workers: `message`, `push` and `sync` events": {
        reach: () => page.page.evaluate(askWorker),
      },
    },
    close: house.close,
  };
}

async function startWorker(issuer, name, more) {
  const folder = copyExample(undefined, name);
  cpSync(new URL("worker", SERVERS), folder, { recursive: true });
  if (more.length > 0)
    replaceIn(folder, { "wrangler.json": [[FIRST, '"run_worker_first": false']] });
  const vars = `--var TEAM_DOMAIN:${issuer.url} --var POLICY_AUD:${issuer.audience}`;
  return startApp({
    command: `wrangler dev --ip 127.0.0.1 --port $PORT --inspector-port 0 ${vars} ${more.join(" ")}`,
    folder,
    env: { WRANGLER_SEND_METRICS: "false" },
    preload: false,
  });
}

async function startServer(issuer, file, command) {
  const folder = copyExample(undefined, `roads-${file.replace(".", "-")}`);
  cpSync(new URL(file, SERVERS), `${folder}/${file}`);
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
  return startApp({ command, folder, env, preload: false });
}

/** The page's own example, and beside it a listener for messages. */
async function startPage(issuer) {
  const folder = copyExample("fetch", "roads-service-worker");
  const file = `${folder}/service-worker.js`;
  const listener = `addEventListener("message", ({ source }) => source.postMessage("${REACHED}"));\n`;
  writeFileSync(file, readFileSync(file, "utf8") + listener);
  return startServiceWorker(folder, { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience });
}

/** In the page: whether the worker answers a message. */
function askWorker() {
  const { serviceWorker } = navigator;
  return new Promise((resolve) => {
    serviceWorker.addEventListener("message", ({ data }) => resolve(data.includes("reached")));
    serviceWorker.startMessages();
    serviceWorker.controller.postMessage("hello");
  });
}

const tells = (url, text) => async (headers) => (await send(url, { headers })).text.includes(text);

/** A call by the platform: whether a handler has left its mark a moment later. */
const marks = (url, path, name) => async () => {
  await send(`${url}${path}`);
  for (let tries = 0; tries < 40; tries++) {
    if ((await send(`${url}/marks`)).text.includes(`"${name}"`)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};
