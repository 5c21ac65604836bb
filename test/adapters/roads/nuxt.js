// Requests to a Nuxt application: built once, started with the plugin, with the middleware and with
// neither.
import { readdirSync } from "node:fs";
import { send } from "../lib/http.js";
import { buildNitro } from "../lib/nitro.js";
import { connects, every, listen, SECRET, tells, tellsEveryMethod } from "../lib/roads.js";
import { getIslandHash } from "../node_modules/nuxt/dist/app/island-hash.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const ISLAND = `/__nuxt_island/Secret_${getIslandHash({ name: "Secret", props: {}, context: {} })}.json`;

export async function open(issuer) {
  const upstream = await listen((_request, response) => response.end(SECRET));
  const env = {
    TEAM_DOMAIN: issuer.url,
    POLICY_AUD: issuer.audience,
    UPSTREAM: upstream.at(""),
    NUXT_TELEMETRY_DISABLED: "1",
  };
  const { folder, start, close } = await buildNitro({
    name: "roads-nuxt",
    variant: "nuxt",
    layers: ["nuxt"],
    link: { h3: "h3v1" },
    build: "nuxt build",
    env,
  });
  const closeAll = () => Promise.all([close(), upstream.close()]);
  try {
    const [plugin, middleware, none] = await Promise.all(
      ["plugin", "middleware", "none"].map(start),
    );
    const [script] = readdirSync(`${folder}/.output/public/_nuxt`).filter((name) =>
      name.endsWith(".js"),
    );
    return { roads: roadsOf({ plugin, middleware, none }, script), close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function roadsOf({ plugin, middleware, none }, script) {
  const guarded = (walk, unguarded = none) => ({
    reach: (headers) => walk(plugin, headers),
    unguarded: (headers) => walk(unguarded, headers),
  });
  const gets = (path) => (app, headers) => tells(app.at(path), headers);
  const all = (walks) => (app, headers) =>
    every(
      Object.fromEntries(
        Object.entries(walks).map(([name, walk]) => [name, () => walk(app, headers)]),
      ),
    );
  const html = { accept: "text/html" };
  const found = (text) => async (answer) => (await answer).text.includes(text);
  return {
    "pages, of every method": guarded(
      all({
        methods: (app, headers) => tellsEveryMethod(app.at("/admin"), headers, METHODS),
        HEAD: async (app, headers) =>
          (await send(app.at("/admin"), { method: "HEAD", headers })).status === 200,
        "with data": gets("/data"),
      }),
    ),
    "data of pages: `_payload.json` and islands": guarded(
      all({ payload: gets("/cached/_payload.json"), island: gets(ISLAND) }),
    ),
    "`server/api` and `server/routes`": guarded(
      all({ api: gets("/api/secret"), route: gets("/secret-route") }),
    ),
    "error pages and paths that no page matches": guarded(
      all({
        "no page": (app, headers) =>
          found("as the error page")(
            send(app.at("/nothing"), { headers: { ...html, ...headers } }),
          ),
        "an error": (app, headers) =>
          found("as the error page")(
            send(app.at("/api/broken"), { headers: { ...html, ...headers } }),
          ),
        "asked for": async (app, headers) => {
          const { status } = await send(app.at("/__nuxt_error?statusCode=418&url=/admin"), {
            headers,
          });
          return status !== 401;
        },
      }),
    ),
    "route rules with `proxy` or `redirect`": guarded(
      all({
        proxy: gets("/proxied/x"),
        redirect: async (app, headers) =>
          (await send(app.at("/moved"), { headers })).headers.location === "/the-admin-area",
      }),
      middleware,
    ),
    "route rules with `swr` or `cache`": guarded(gets("/cached")),
    "WebSocket upgrades in `server/routes`": guarded(
      (app, headers) => connects(app.port, "/ws", headers),
      middleware,
    ),
    "files in `public/` and prerendered pages": guarded(
      all({ public: gets("/secret.txt"), prerendered: gets("/prerendered") }),
      middleware,
    ),
    "`/_nuxt/`: scripts and styles": {
      reach: async (headers) =>
        (await send(plugin.at(`/_nuxt/${script}`), { headers })).status === 200,
    },
    "the hook `request` of a server plugin": {
      reach: async (headers) => {
        const count = () => plugin.output().split("the hook has run").length;
        const before = count();
        await send(plugin.at("/admin"), { headers });
        await new Promise((resolve) => setTimeout(resolve, 100));
        return count() > before;
      },
    },
  };
}
