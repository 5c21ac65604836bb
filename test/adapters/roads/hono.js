// Requests to a Hono application: on Node, Bun, Deno and Workers.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serve, upgradeWebSocket } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { WebSocketServer } from "ws";
import { copyExample, startApp } from "../lib/app.js";
import { send } from "../lib/http.js";
import { connects, every, tells, tellsByHost, tellsEveryMethod } from "../lib/roads.js";

const APP = new URL("apps/hono/", import.meta.url);
const RUNTIMES = {
  Bun: "bun bun.js",
  Deno: "deno run --node-modules-dir=manual --allow-net --allow-env --allow-read deno.js",
  Workers:
    "wrangler dev --ip 127.0.0.1 --port $PORT --var TEAM_DOMAIN:$TEAM_DOMAIN --var POLICY_AUD:$POLICY_AUD",
};

export async function open(issuer) {
  const apps = [];
  const close = () => Promise.all(apps.map((app) => app.stop()));
  const env = {
    TEAM_DOMAIN: issuer.url,
    POLICY_AUD: issuer.audience,
    WRANGLER_SEND_METRICS: "false",
  };
  const folder = copyExample(undefined, "roads-hono");
  cpSync(fileURLToPath(APP), folder, { recursive: true });
  try {
    apps.push(await startOnNode(issuer, folder));
    await Promise.all(
      Object.entries(RUNTIMES).map(async ([runtime, command]) => {
        const app = await startApp({ command, folder, env, preload: false });
        apps.push({ ...app, runtime, at: (path) => `${app.url}${path}` });
      }),
    );
    return { roads: roadsOf(apps), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOnNode(issuer, folder) {
  const { createApp } = await import(new URL("app.js", APP));
  const { fetch } = createApp({
    team: issuer.url,
    audience: issuer.audience,
    upgradeWebSocket,
    serveStatic: () => serveStatic({ path: `${folder}/secret.txt` }),
  });
  const websocket = { server: new WebSocketServer({ noServer: true }) };
  let server;
  const { port } = await new Promise((resolve) => {
    server = serve({ fetch, websocket, hostname: "127.0.0.1", port: 0 }, resolve);
  });
  return {
    runtime: "Node",
    port,
    at: (path) => `http://127.0.0.1:${port}${path}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function roadsOf(apps) {
  const inEvery = (walks, isWanted = () => true) => ({
    reach: (headers) =>
      every(
        Object.fromEntries(
          apps
            .filter(isWanted)
            .flatMap((app) =>
              Object.entries(walks).map(([name, walk]) => [
                `${app.runtime}, ${name}`,
                () => walk(app, headers),
              ]),
            ),
        ),
      ),
  });
  const gets = (path, init) => (app, headers) => tells(app.at(path), headers, init);
  const rpc = (body) => ({ method: "POST", body, headers: { "content-type": "application/json" } });
  const isOnWorkers = ({ runtime }) => runtime === "Workers";

  return {
    "HTTP requests of every method": inEvery({
      methods: (app, headers) => tellsEveryMethod(app.at("/admin"), headers),
    }),
    "routes and middleware that are registered before the guard": inEvery({
      before: gets("/early"),
    }),
    'paths that the pattern of the guard leaves out (`app.use("/api/*", …)`)': inEvery({
      beside: gets("/apis"),
    }),
    "applications below `app.route()`, `app.mount()` and `app.basePath()`": inEvery({
      route: gets("/routed/x"),
      mount: gets("/mounted/x"),
      "not found in it": gets("/mounted/nothing"),
      basePath: gets("/based/x"),
    }),
    "WebSocket upgrades (`upgradeWebSocket`) on Node, Bun, Deno and Workers": inEvery({
      socket: (app, headers) => connects(app.port, "/ws", headers, "the admin area"),
    }),
    "files of `serveStatic`": inEvery({ file: gets("/secret.txt") }, (app) => !isOnWorkers(app)),
    "rendered pages, validators and RPC": inEvery({
      page: gets("/page"),
      validator: gets("/rpc", rpc("{}")),
      malformed: async (app, headers) =>
        (
          await send(app.at("/rpc"), {
            ...rpc("{"),
            headers: { ...rpc("{").headers, ...headers },
          })
        ).status === 400,
    }),
    "`notFound`, and `onError` for what a route throws": inEvery({
      "no route": gets("/nothing"),
      error: gets("/broken"),
    }),
    "public paths under a `Host` that moves the path": inEvery({
      host: (app, headers) => tellsByHost(app.port, headers),
    }),
    "static assets of a Worker or of Pages": inEvery({ asset: gets("/asset.txt") }, isOnWorkers),
  };
}
