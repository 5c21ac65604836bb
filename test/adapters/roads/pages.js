// Every kind of request to a project of Cloudflare Pages, with the page's example.
import { cpSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { copyExample, startApp } from "../lib/app.js";
import { send } from "../lib/http.js";
import {
  agree,
  createHouse,
  http,
  METHODS,
  methods,
  overSocket,
  REACHED,
  socketSays,
} from "./lib/ways.js";

const WORKER = new URL("servers/pages-worker.js", import.meta.url);

const FUNCTION = `
export function onRequest({ request }) {
  if (request.headers.get("Upgrade") !== "websocket") {
    return new Response("${REACHED}", { headers: { "x-reached": "yes" } });
  }
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.send("${REACHED}");
  return new Response(null, { status: 101, webSocket: client });
}
`;

export async function open(issuer) {
  const house = createHouse();
  const [guarded, partly, advanced] = await Promise.all([
    startPages(issuer, "roads-pages", (folder) => {
      const routes = { version: 1, include: ["/*"], exclude: ["/excluded/*"] };
      writeFileSync(`${folder}/public/_routes.json`, JSON.stringify(routes));
    }),
    // The middleware of an inner folder runs before that folder alone.
    startPages(issuer, "roads-pages-partly", (folder) => {
      mkdirSync(`${folder}/functions/api`);
      renameSync(`${folder}/functions/_middleware.js`, `${folder}/functions/api/_middleware.js`);
      writeFileSync(`${folder}/functions/api/all.js`, FUNCTION);
    }),
    startPages(issuer, "roads-pages-advanced", (folder) => {
      cpSync(WORKER, `${folder}/public/_worker.js`);
    }),
  ]);
  for (const { stop } of [guarded, partly, advanced]) house.onClose(stop);

  const both = (ways) => ({
    reach: agree(ways(guarded.url)),
    unguarded: agree(ways(partly.url)),
  });
  const usual = METHODS.filter((method) => method !== "TRACE");
  return {
    roads: {
      "functions, by every method": both((url) => methods(`${url}/all`, usual)),
      "files of the output directory": both((url) => ({
        file: http(`${url}/files/file.txt`),
        page: tells(`${url}/admin`, "the admin area"),
      })),
      "paths of nothing (`404.html`), and `_redirects`": both((url) => ({
        "no path": tells(`${url}/nowhere/at/all`, "this page is missing"),
        "no path of a function": tells(`${url}/all/nowhere`, "this page is missing"),
        redirect: leads(`${url}/moved`, "/files/file.txt"),
      })),
      "WebSocket upgrades in a function": both((url) => ({
        says: socketSays(`${overSocket(url)}/all`),
      })),
      "paths that `_routes.json` leaves out": {
        reach: http(`${guarded.url}/excluded/file.txt`),
      },
      "functions and files outside the folder of the middleware": {
        reach: agree({
          function: http(`${partly.url}/all`),
          file: http(`${partly.url}/files/file.txt`),
        }),
      },
      "`_worker.js` (advanced mode)": {
        reach: http(`${advanced.url}/files/file.txt`),
        unguarded: http(`${advanced.url}/files/file.txt?bare`),
      },
    },
    close: house.close,
  };
}

async function startPages(issuer, name, change) {
  const folder = copyExample("pages", name);
  writeFileSync(`${folder}/functions/all.js`, FUNCTION);
  for (const place of ["files", "excluded"]) {
    mkdirSync(`${folder}/public/${place}`);
    writeFileSync(`${folder}/public/${place}/file.txt`, REACHED);
  }
  writeFileSync(`${folder}/public/404.html`, "<!doctype html><p>this page is missing");
  writeFileSync(`${folder}/public/_redirects`, "/moved /files/file.txt 302\n");
  change(folder);
  return startApp({
    command: "npm run serve -- --inspector-port 0",
    folder,
    env: {
      TEAM_DOMAIN: issuer.url,
      POLICY_AUD: issuer.audience,
      WRANGLER_SEND_METRICS: "false",
    },
    preload: false,
  });
}

const tells = (url, text) => async (headers) => (await send(url, { headers })).text.includes(text);

const leads = (url, place) => async (headers) =>
  (await send(url, { headers })).headers.location?.endsWith(place) ?? false;
