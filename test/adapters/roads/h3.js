// Requests to applications of h3 1 and 2, and of Nitro 2 and 3.
import assert from "node:assert/strict";
import crossws from "crossws/adapters/node";
import { plugin as webSockets } from "crossws/server/node";
import * as h3 from "h3";
import * as h3v1 from "h3v1";
import { createVerifier } from "postern";
import { guardUpgrade, requireAccess } from "postern/h3";
import { serve } from "srvx/node";
import { send, withToken } from "../lib/http.js";
import { buildNitro } from "../lib/nitro.js";
import {
  closeCode,
  connects,
  every,
  isBelowPublic,
  listen,
  SECRET,
  tells,
  tellsByHost,
  tellsEveryMethod,
} from "../lib/roads.js";

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const upstream = await listen((_request, response) => response.end(SECRET));
  const closing = [upstream];
  try {
    const [two, one, nitros] = await Promise.all([
      openH3v2(verifier, upstream),
      openH3v1(verifier),
      openNitros(issuer, upstream),
    ]);
    closing.push(two, one, ...nitros);
    const token = await issuer.userToken({ exp: Math.floor(Date.now() / 1000) + 2 });
    for (const { none, without } of nitros) {
      if (!without.includes("sockets"))
        assert.equal(await closeCode(none.port, "/chat", withToken(token)), 1008);
    }
    const roads = { ...roadsOfH3v2(two), ...roadsOfH3v1(one), ...roadsOfNitro(nitros) };
    roads["h3 1 and 2: public paths under a `Host` that moves the path"] = {
      reach: (headers) =>
        every({
          "h3 2": () => tellsByHost(two.port, headers),
          "h3 1": () => tellsByHost(one.guarded.port, headers),
        }),
    };
    return { roads, close: () => Promise.all(closing.map((part) => part.close())) };
  } catch (error) {
    await Promise.all(closing.map((part) => part.close()));
    throw error;
  }
}

// ── h3 2

async function openH3v2(verifier, upstream) {
  const seen = { requests: 0 };
  const area = (event) => {
    event.res.headers.set("x-area", SECRET);
    return SECRET;
  };
  const below = new h3.H3().get("/x", area);
  const app = new h3.H3({
    silent: true,
    onRequest: () => {
      seen.requests++;
    },
  });
  app.all("/early", area);
  app.use(requireAccess(verifier, { publicPaths: isBelowPublic }));
  app.all("/admin", area);
  app.get("/public/**", () => "open to everybody");
  app.mount("/mounted", below);
  app.all("/based/**", h3.withBase("/based", below.handler));
  app.get("/file", (event) =>
    h3.serveStatic(event, {
      getMeta: () => ({ size: SECRET.length }),
      getContents: () => SECRET,
    }),
  );
  app.get("/proxied", (event) => h3.proxy(event, upstream.at("/")));
  app.post("/rpc", h3.defineJsonRpcHandler({ methods: { area: () => SECRET } }));
  app.get("/ws", h3.defineWebSocketHandler({ open: (peer) => peer.send(SECRET) }));
  const server = serve({
    fetch: app.fetch,
    plugins: [webSockets({})],
    hostname: "127.0.0.1",
    port: 0,
    silent: true,
  });
  await server.ready();
  const url = server.url.replace(/\/$/, "");
  return {
    seen,
    port: Number(new URL(url).port),
    at: (path) => `${url}${path}`,
    close: () => server.close(true),
  };
}

function roadsOfH3v2({ at, port, seen }) {
  const body = JSON.stringify({ jsonrpc: "2.0", method: "area", id: 1 });
  const rpc = { method: "POST", body, headers: { "content-type": "application/json" } };
  return {
    "h3 2: HTTP requests of every method, also to routes that are registered before the guard": {
      reach: (headers) =>
        every({
          after: () => tellsEveryMethod(at("/admin"), headers),
          before: () => tellsEveryMethod(at("/early"), headers),
        }),
    },
    "h3 2: applications below `mount` and `withBase`": {
      reach: (headers) =>
        every({
          mount: () => tells(at("/mounted/x"), headers),
          withBase: () => tells(at("/based/x"), headers),
        }),
    },
    "h3 2: WebSocket upgrades (crossws)": {
      reach: (headers) => connects(port, "/ws", headers, SECRET),
    },
    "h3 2: files, proxies and JSON-RPC that a route serves": {
      reach: (headers) =>
        every({
          file: () => tells(at("/file"), headers),
          proxy: () => tells(at("/proxied"), headers),
          rpc: () => tells(at("/rpc"), headers, rpc),
        }),
    },
    "h3 2: paths that no route matches": {
      reach: async (headers) => (await send(at("/nothing"), { headers })).status === 404,
    },
    "h3 2: the hook `onRequest` of the application": {
      reach: async (headers) => {
        const before = seen.requests;
        await send(at("/admin"), { headers });
        return seen.requests > before;
      },
    },
  };
}

// ── h3 1

async function openH3v1(verifier) {
  const seen = { requests: 0 };
  const guarded = await serveH3v1(verifier, seen, (hooks) => ({
    upgrade: guardUpgrade(verifier),
    ...hooks,
  }));
  const bare = await serveH3v1(verifier, seen, (hooks) => hooks);
  return { seen, guarded, bare, close: () => Promise.all([guarded.close(), bare.close()]) };
}

async function serveH3v1(verifier, seen, withUpgrade) {
  const handle = h3v1.defineEventHandler;
  const area = handle((event) => {
    h3v1.setHeader(event, "x-area", SECRET);
    return SECRET;
  });
  const app = h3v1.createApp({
    onRequest: () => {
      seen.requests++;
    },
    onError() {},
  });
  const router = h3v1.createRouter();
  router.use("/admin", area);
  router.use(
    "/public/**",
    handle(() => "open to everybody"),
  );
  const open = (peer) => peer.send(`${SECRET} of ${peer.context?.access?.principal.email}`);
  router.use("/ws", h3v1.defineWebSocketHandler(withUpgrade({ open })));
  const inner = h3v1.createRouter().use("/x", area);
  app.use("/early", area);
  const guard = requireAccess(verifier, { publicPaths: isBelowPublic });
  // In this folder postern's errors are those of h3 2, which h3 1 would log as unhandled.
  app.use(
    handle((event) =>
      guard(event).catch(({ statusCode }) => Promise.reject(h3v1.createError({ statusCode }))),
    ),
  );
  app.use("/based", h3v1.useBase("/based", inner.handler));
  app.use("/app", h3v1.createApp().use("/x", area).handler);
  app.use(router);
  const listening = await listen(h3v1.toNodeListener(app));
  const { handleUpgrade } = crossws(app.websocket);
  listening.server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    handleUpgrade(request, socket, head);
  });
  return listening;
}

function roadsOfH3v1({ seen, guarded: { at, port }, bare }) {
  return {
    "h3 1: HTTP requests of every method": {
      reach: (headers) => tellsEveryMethod(at("/admin"), headers),
    },
    "h3 1: handlers that are used before the guard": {
      reach: (headers) => tells(at("/early"), headers),
    },
    "h3 1: applications and routers below the guard (`useBase`)": {
      reach: (headers) =>
        every({
          router: () => tells(at("/based/x"), headers),
          application: () => tells(at("/app/x"), headers),
        }),
    },
    "h3 1: paths that no handler matches": {
      reach: async (headers) => (await send(at("/nothing"), { headers })).status === 404,
    },
    "h3 1: WebSocket upgrades (crossws)": {
      reach: (headers) => connects(port, "/ws", headers, `${SECRET} of user@example.com`),
      unguarded: (headers) => connects(bare.port, "/ws", headers, SECRET),
    },
    "h3 1: the hook `onRequest` of the application": {
      reach: async (headers) => {
        const before = seen.requests;
        await send(at("/admin"), { headers });
        return seen.requests > before;
      },
    },
  };
}

// ── Nitro

const CLI = "dist/cli/index.mjs build";
const NITROS = [
  {
    name: "Nitro 2",
    variant: "nitro2",
    layers: ["nitro2"],
    link: { h3: "h3v1" },
    build: `node ../../node_modules/nitropack/${CLI}`,
  },
  {
    name: "Nitro 3.0.0",
    variant: "nitro3",
    layers: ["nitro2", "nitro3"],
    build: `node ../../node_modules/nitro/${CLI}`,
    // It serves no WebSocket, and answers files with its own error.
    without: ["sockets", "files"],
  },
  {
    name: "Nitro 3 beta",
    variant: "nitro3",
    layers: ["nitro2", "nitro3"],
    link: { nitro: "nitro-beta" },
    build: `node ../../node_modules/nitro-beta/${CLI}`,
  },
];

/** Each is built once, and started with the plugin, with the middleware alone and with neither. */
async function openNitros(issuer, upstream) {
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience, UPSTREAM: upstream.at("") };
  const opened = [];
  for (const { name, without = [], ...nitro } of NITROS) {
    const folder = `roads-${name.replace(/\W+/g, "-").toLowerCase()}`;
    const { start, close } = await buildNitro({ name: folder, env, ...nitro });
    try {
      const [plugin, middleware, none] = await Promise.all(
        ["plugin", "middleware", "none"].map(start),
      );
      opened.push({ name, without, plugin, middleware, none, close });
    } catch (error) {
      await Promise.all([close(), ...opened.map((other) => other.close())]);
      throw error;
    }
  }
  return opened;
}

function roadsOfNitro(nitros) {
  /**
   * Sends the requests of a row to every release that supports it, in the application that a line
   * guards.
   */
  const inEvery = (line, walk, has = () => true) =>
    every(
      Object.fromEntries(nitros.filter(has).map((nitro) => [nitro.name, () => walk(nitro[line])])),
    );
  const serves =
    (what) =>
    ({ without }) =>
      !without.includes(what);
  const is = (release) => (nitro) => nitro.name.startsWith(release);

  const routes = (headers) => (app) =>
    every({
      route: () => tells(app.at("/admin"), headers),
      "no route": async () => (await send(app.at("/nothing"), { headers })).status === 404,
      "error page": async () => (await send(app.at("/broken"), { headers })).status === 500,
      "route of Nitro's own": async () =>
        (await send(app.at("/_openapi.json"), { headers })).text.includes('"openapi":'),
    });
  const rules = (headers) => (app) =>
    every({
      proxy: () => tells(app.at("/proxied/x"), headers),
      redirect: async () =>
        (await send(app.at("/moved"), { headers })).headers.location === "/the-admin-area",
    });
  const cached = (headers) => (app) =>
    every({
      cache: () => tells(app.at("/cached/rule"), headers),
      swr: () => tells(app.at("/cached/swr"), headers),
    });
  const files = (headers) => (app) =>
    every({
      public: () => tells(app.at("/secret.txt"), headers),
      prerendered: () => tells(app.at("/prerendered"), headers),
    });
  const sockets = (headers) => (app) => connects(app.port, "/ws", headers);
  /** The guide's own, which has a hook and no other guard, from a program and from pages. */
  const chat = (headers) => async (app) => {
    const from = (origin) => connects(app.port, "/chat", { ...headers, ...origin }, "Hello");
    assert.equal(await from({ Origin: "https://evil.example" }), false);
    return every({
      program: () => from({}),
      page: () => from({ Origin: "https://app.example.com" }),
    });
  };
  const hook = (headers) => async (app) => {
    const count = () => app.output().split("the hook has run").length;
    const before = count();
    await send(app.at("/admin"), { headers });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return count() > before;
  };

  return {
    "Nitro 2 and 3: routes, error pages and paths that no route matches": {
      reach: (headers) => inEvery("plugin", routes(headers)),
      unguarded: (headers) => inEvery("none", routes(headers)),
    },
    "Nitro 2 and 3: route rules with `proxy` or `redirect`": {
      reach: (headers) => inEvery("plugin", rules(headers)),
      unguarded: (headers) => inEvery("middleware", rules(headers)),
    },
    "Nitro 2 and 3: cached routes (`cache`, `swr`)": {
      reach: (headers) => inEvery("plugin", cached(headers)),
      // With Nitro 2 the middleware runs first, and guards them as well.
      unguarded: (headers) => inEvery("middleware", cached(headers), is("Nitro 3")),
    },
    "Nitro 2 and 3: files in `public/` and prerendered pages": {
      reach: (headers) => inEvery("plugin", files(headers), serves("files")),
      unguarded: (headers) => inEvery("middleware", files(headers), serves("files")),
    },
    "Nitro 2 and 3: WebSocket upgrades": {
      reach: (headers) =>
        every({
          plugin: () => inEvery("plugin", sockets(headers), serves("sockets")),
          hook: () => inEvery("none", chat(headers), serves("sockets")),
        }),
      unguarded: async (headers) => {
        // With Nitro 3 the middleware guards them as well.
        const beta = nitros.find(is("Nitro 3 beta")).middleware;
        assert.equal(await connects(beta.port, "/ws", headers), false);
        return inEvery("middleware", sockets(headers), is("Nitro 2"));
      },
    },
    "Nitro 2: the hook `request` of a plugin": {
      reach: (headers) => inEvery("plugin", hook(headers), is("Nitro 2")),
    },
  };
}
