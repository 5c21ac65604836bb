// Requests to an Elysia application: on Bun, with the newest and the oldest release, and on Node.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Elysia } from "elysia";
import { createVerifier } from "postern";
import { accessPlugin } from "postern/elysia";
import { copyExample, startApp } from "../lib/app.js";
import { send } from "../lib/http.js";
import { connects, every, SECRET, tells, tellsByHost, tellsEveryMethod } from "../lib/roads.js";

const APP = fileURLToPath(new URL("apps/elysia", import.meta.url));
const RUNTIMES = {
  Bun: { command: "bun server.js" },
  "Bun, oldest release": { command: "bun server.js", isOldest: true },
  Node: { command: "node server.js" },
};
const LINES = ["plugin", "resolve", "none"];

export async function open(issuer) {
  const started = [];
  const close = () => Promise.all(started.map((app) => app.stop()));
  const startAll = async ([runtime, { command, isOldest = false }]) => {
    const name = `roads-elysia-${runtime.replace(/\W+/g, "-").toLowerCase()}`;
    const folder = copyExample(undefined, name, { isOldest });
    cpSync(APP, folder, { recursive: true });
    const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
    const apps = {};
    for (const LINE of LINES) {
      const RELEASE = isOldest ? "oldest" : "newest";
      const extra = { ...env, LINE, RELEASE };
      const app = await startApp({ command, folder, env: extra, preload: false });
      started.push(app);
      apps[LINE] = { ...app, runtime, at: (path) => `${app.url}${path}` };
    }
    return apps;
  };
  try {
    const runtimes = await Promise.all(Object.entries(RUNTIMES).map(startAll));
    return { roads: roadsOf(runtimes, issuer), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function roadsOf(runtimes, issuer) {
  const inEvery = (line, walk, isWanted = () => true) =>
    every(
      Object.fromEntries(
        runtimes
          .map((apps) => apps[line])
          .filter(isWanted)
          .map((app) => [app.runtime, () => walk(app)]),
      ),
    );
  /** Guarded by the plugin in every runtime; open by another line, or by none. */
  const guarded = (walks, { unguarded = "none", isWanted } = {}) => {
    const walk = (headers) => (app) =>
      every(
        Object.fromEntries(
          Object.entries(walks).map(([name, go]) => [name, () => go(app, headers)]),
        ),
      );
    return {
      reach: (headers) => inEvery("plugin", walk(headers), isWanted),
      unguarded: (headers) => inEvery(unguarded, walk(headers), isWanted),
    };
  };
  const isOnBun = ({ runtime }) => runtime.startsWith("Bun");
  const gets = (path) => (app, headers) => tells(app.at(path), headers);
  /** Whether any answer but a refusal comes back: releases differ in how they answer an error. */
  const answers = (path, init) => async (app, headers) =>
    (await send(app.at(path), { ...init, headers: { ...init?.headers, ...headers } })).status !==
    401;
  const json = { "content-type": "application/json" };

  return {
    "routes of every method, wherever they are registered": guarded({
      methods: (app, headers) =>
        tellsEveryMethod(app.at("/admin"), headers, ["GET", "POST", "DELETE", "OPTIONS"]),
      HEAD: answers("/admin", { method: "HEAD" }),
      before: gets("/early"),
      group: gets("/group/x"),
      guard: gets("/within"),
      plugin: gets("/plugin/x"),
      later: gets("/later/x"),
    }),
    "routes that are registered before the guard": guarded(
      { before: gets("/early") },
      { unguarded: "resolve" },
    ),
    "`all` routes": {
      ...guarded({ exact: gets("/all"), wildcard: gets("/any/x") }),
      // Unguarded, Elysia 1.3 on Bun answers it with its own error.
      unguarded: (headers) =>
        inEvery(
          "none",
          (app) => tells(app.at("/all"), headers),
          ({ runtime }) => !runtime.includes("oldest"),
        ),
    },
    "constant responses": guarded({ constant: gets("/constant") }, { isWanted: isOnBun }),
    "the parsing and validation of bodies and queries": guarded(
      {
        body: answers("/body", { method: "POST", body: "{}", headers: json }),
        malformed: answers("/body", { method: "POST", body: "{", headers: json }),
        query: answers("/query"),
      },
      { unguarded: "resolve" },
    ),
    "mounted applications (`mount`)": guarded({
      exact: gets("/mounted"),
      below: gets("/mounted/x"),
      elysia: gets("/inner/x"),
    }),
    "WebSocket routes (`ws`)": guarded({
      socket: (app, headers) => connects(app.port, "/ws", headers, SECRET),
    }),
    "files of `@elysiajs/static`": guarded(
      { file: gets("/files/secret.txt") },
      { isWanted: ({ runtime }) => !runtime.includes("oldest") },
    ),
    "error handlers and paths that no route matches": guarded({
      "no route": gets("/nothing"),
      "no method": (app, headers) => tells(app.at("/admin"), headers, { method: "PATCH" }),
      error: answers("/broken"),
    }),
    "public paths under a `Host` that moves the path": {
      reach: (headers) => inEvery("plugin", (app) => tellsByHost(app.port, headers)),
    },
    "hooks `onRequest` and `trace` that are registered before the guard": {
      reach: (headers) =>
        inEvery("plugin", async (app) => {
          const count = () => app.output().split("the hook has run").length;
          const before = count();
          await send(app.at("/admin"), { headers });
          await new Promise((resolve) => setTimeout(resolve, 200));
          return count() > before;
        }),
    },
    "routes of Bun's own (`serve.routes`)": {
      reach: (headers) => inEvery("plugin", (app) => tells(app.at("/bun"), headers), isOnBun),
    },
    "every route, while an async plugin that brings the guard is loading": {
      reach: async (headers) => {
        const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
        const never = new Promise(() => {});
        const app = new Elysia()
          .use(never.then(() => accessPlugin(verifier)))
          .get("/admin", () => SECRET);
        const request = new Request("http://app.example/admin", { headers });
        return (await (await app.handle(request)).text()) === SECRET;
      },
    },
  };
}
