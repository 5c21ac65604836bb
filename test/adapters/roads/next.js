// Requests to a Next.js application: as `next start` serves it, with the proxy in a wrong folder,
// and with a custom server.
import { cpSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { copyExample, run, startApp } from "../lib/app.js";
import { send, withToken } from "../lib/http.js";
import { everyVariant, openedRoads, staysWhereItIs, tells } from "./variants.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export async function open(issuer) {
  const behind = createServer((_request, response) => response.end("the server behind"));
  behind.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    const fields = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    socket.end(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\nthe server behind`);
  });
  behind.listen(0, "127.0.0.1");
  await new Promise((resolve) => behind.once("listening", resolve));
  const env = {
    TEAM_DOMAIN: issuer.url,
    POLICY_AUD: issuer.audience,
    NEXT_TELEMETRY_DISABLED: "1",
    BEHIND: `http://127.0.0.1:${behind.address().port}`,
  };
  const [folder, misplaced] = await Promise.all([
    build("roads-next"),
    build("roads-next-misplaced"),
  ]);
  const start = (where, more = {}, command = "npm run serve") =>
    startApp({ command, folder: where, env: { ...env, ...more }, preload: false });
  const apps = await Promise.all([
    start(folder),
    start(misplaced),
    start(misplaced, {}, "node server.js"),
    start(misplaced, { GUARD: "none" }, "node server.js"),
  ]);
  const [site, unproxied, sockets, openSockets] = apps;
  const opened = await openedRoads((more) => start(folder, more), "/endpoint", issuer);

  async function build(name) {
    const copy = copyExample(undefined, name, { variant: name });
    for (const file of ["package.json", "check-proxy.mjs"]) {
      cpSync(new URL(`../../../examples/next/${file}`, import.meta.url), `${copy}/${file}`);
    }
    await run("next build", copy, { env });
    return copy;
  }

  const id = readFileSync(`${folder}/.next/BUILD_ID`, "utf8");
  const admin = await send(`${site.url}/admin`, { headers: withToken(await issuer.userToken()) });
  const [, action] = /name="\$ACTION_ID_(\w+)"/.exec(admin.text) ?? [];
  const [script] = /\/_next\/static\/[^"]+\.js/.exec(admin.text) ?? [];

  const on = (app, secret, ...variants) => ({
    reach: (headers) =>
      everyVariant(variants, (variant) => tells(app.url, variant, secret, headers)),
  });
  const removals = async () => {
    const { text } = await send(`${site.url}/public`);
    return Number(/removals: (\d+)/.exec(text)?.[1]);
  };

  return {
    roads: {
      ...opened.roads,
      "pages, made at build time or on request, and their data": on(
        site,
        "the a",
        "/admin",
        "/admin?_rsc=1",
        "/admin.rsc",
        ["GET", "/admin?_rsc=1", { "next-url": "/public" }],
        ["GET", "/some/admin", { "x-invoke-path": "/public" }],
        `/_next/data/${id}/legacy.json`,
        "/legacy",
      ),
      "segments that the router prefetches": on(
        site,
        '"admin"',
        "/admin.segments/_tree.segment.rsc",
        "/admin.segments/_tree.segment.rsc?_rsc=1",
      ),
      "route handlers and API routes, every method": {
        reach: (headers) =>
          everyVariant(
            ["/endpoint", "/api/legacy"].flatMap((path) => METHODS.map((method) => [method, path])),
            async ([method, path]) => {
              const answer = await send(`${site.url}${path}`, { method, headers });
              return answer.headers["x-endpoint"] === "yes";
            },
          ),
      },
      "server actions, on any path": {
        async reach(headers) {
          const field = `Content-Disposition: form-data; name="$ACTION_ID_${action}"`;
          const form = {
            headers: { "content-type": "multipart/form-data; boundary=x" },
            body: `--x\r\n${field}\r\n\r\n\r\n--x--\r\n`,
          };
          const call = {
            headers: { "next-action": action, "content-type": "text/plain" },
            body: "[]",
          };
          const found = new Set();
          for (const path of ["/public", "/rewritten", "/admin", "/_next/static/some"]) {
            for (const way of [form, call]) {
              const before = await removals();
              const all = { ...way.headers, ...headers };
              await send(`${site.url}${path}`, { ...way, method: "POST", headers: all });
              found.add((await removals()) > before);
            }
          }
          if (found.size > 1) throw new Error("some paths run the action, and some do not");
          return [...found][0];
        },
      },
      "files in `public/`": on(site, "a file", "/file.txt"),
      "files of the build, `/_next/static/`, and a catch-all page there": {
        reach: async (headers) => {
          const isFile = await tells(site.url, script, "globalThis", headers);
          const isPage = await tells(site.url, "/_next/static/some", "the a", headers);
          if (isFile !== isPage) throw new Error("a file and the page disagree");
          return isFile;
        },
      },
      "pictures, `/_next/image`": on(
        site,
        '"url" parameter',
        "/_next/image?url=%2Ffile.txt&w=32&q=75",
      ),
      "paths that match nothing, with your `not-found.js`": on(site, "no such page", "/nowhere"),
      "`rewrites` to another server, HTTP and WebSocket": {
        async reach(headers) {
          const isHttp = await tells(site.url, "/behind/x", "the server behind", headers);
          const isSocket = (await upgrade(site.port, "/behind/x", headers)).includes(
            "server behind",
          );
          if (isHttp !== isSocket) throw new Error("HTTP and WebSocket disagree");
          return isHttp;
        },
      },
      "a public path that `rewrites` leads to a guarded page": {
        ...on(site, "the guarded page", "/rewritten-guarded"),
        unguarded: on(site, "the admin area", "/rewritten").reach,
      },
      "everything, if `proxy.ts` is in a wrong folder": {
        async reach(headers) {
          await staysWhereItIs(site.port, "the admin area");
          await run("node check-proxy.mjs", folder);
          const isNoticed = await run("node check-proxy.mjs", misplaced).catch(() => true);
          if (!isNoticed) throw new Error("the check does not notice");
          return tells(unproxied.url, "/guarded", "the guarded page", headers);
        },
        unguarded: on(unproxied, "the admin area", "/admin").reach,
      },
      "WebSocket upgrades on a server of your own": {
        reach: async (headers) =>
          (await upgrade(sockets.port, "/socket", headers)).includes("the socket"),
        unguarded: async (headers) =>
          (await upgrade(openSockets.port, "/socket", headers)).includes("the socket"),
      },
      "`redirects` and `headers` of `next.config`": {
        reach: async (headers) =>
          (await send(`${site.url}/moved`, { headers })).headers.location === "/secret-place",
      },
    },
    async close() {
      await Promise.all([...apps, ...opened.apps].map((app) => app.stop()));
      behind.closeAllConnections();
      await new Promise((resolve) => behind.close(resolve));
    },
  };
}

/**
 * The answer to an upgrade, before it ends or after two seconds: Next leaves a refused one open.
 */
function upgrade(port, path, headers) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const fields = {
      Host: `127.0.0.1:${port}`,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ...headers,
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.setEncoding("latin1");
    socket.setTimeout(2000, () => socket.destroy());
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
      if (/the s/.test(text)) socket.destroy();
    });
    socket.once("close", () => resolve(text));
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  });
}
