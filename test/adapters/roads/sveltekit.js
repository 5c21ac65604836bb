// Requests to a SvelteKit application: with its own server, and behind Express.
import { readdirSync, readFileSync } from "node:fs";
import { copyExample, run, startApp } from "../lib/app.js";
import { send, sendRaw } from "../lib/http.js";
import { everyVariant, MOVING_HOSTS, openedRoads, staysWhereItIs, tells } from "./variants.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export async function open(issuer) {
  const folder = copyExample("sveltekit", "roads-sveltekit", { variant: "roads-sveltekit" });
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
  await run("npm run build", folder, { env });
  const start = (more = {}, command = "node build") =>
    startApp({ command, folder, env: { ...env, ...more }, preload: false });
  const apps = await Promise.all([
    start(),
    start({ ORDER: "late" }),
    // Without the guard behind it, so that the one in front is tested.
    start({ ORDER: "none" }, "node express.js"),
    start({ ORDER: "none" }),
  ]);
  const [site, late, behind, bare] = apps;
  const opened = await openedRoads(start, "/endpoint", issuer);

  // Without `ORIGIN`, the application assumes https.
  const own = { origin: `https://127.0.0.1:${site.port}` };
  const form = { ...own, "content-type": "application/x-www-form-urlencoded" };
  const json = { ...own, "content-type": "application/json" };
  const remote = `${remoteHash(folder)}/`;
  const counted = async (what) => {
    const { text } = await send(`${site.url}/public`);
    return Number(new RegExp(`${what}: (\\d+)`).exec(text)?.[1]);
  };
  const reads = (secret, ...variants) => ({
    reach: (headers) =>
      everyVariant(variants, (variant) => tells(site.url, variant, secret, headers)),
  });
  const removes = async (path, headers) => {
    const before = await counted("removals");
    const accept = "text/html";
    await send(`${site.url}${path}`, {
      method: "POST",
      headers: { ...form, accept, ...headers },
      body: "",
    });
    return (await counted("removals")) > before;
  };

  return {
    roads: {
      ...opened.roads,
      "pages, their data (`__data.json`) and form actions": reads(
        "the admin area",
        "/admin",
        "/admin/__data.json",
        "/admin/__data.json?x-sveltekit-invalidated=01",
        ["POST", "/admin?/act", { ...form, accept: "application/json" }, ""],
      ),
      "`+server.js`, every method": {
        reach: (headers) =>
          everyVariant(METHODS, async (method) => {
            const answer = await send(`${site.url}/endpoint`, {
              method,
              headers: { ...own, ...headers },
            });
            return answer.headers["x-endpoint"] === "yes";
          }),
      },
      "remote functions, by their own path": reads(
        "the remote function",
        `/_app/remote/${remote}secret`,
        ["GET", `/_app/remote/${remote}secret`, { "x-sveltekit-pathname": "/public" }],
        ["POST", `/_app/remote/${remote}order`, json, '{"payload":""}'],
        ["POST", `/_app/remote/${remote}remove`, form, ""],
      ),
      "remote functions, by `?/remote=id` on any page": {
        async reach(headers) {
          const first = await removes(`/public?/remote=${remote}remove`, headers);
          const second = await removes(`/public?%2Fremote=${remote}remove`, headers);
          if (first !== second) throw new Error("two spellings disagree");
          return first;
        },
      },
      "a public path that `reroute` leads to another route": reads(
        "the admin area",
        "/rerouted",
        "/rerouted?x",
      ),
      "paths that match no route, with your `+error.svelte`": reads("no such page", "/nowhere", [
        "GET",
        "/nowhere",
        { accept: "text/html" },
      ]),
      "a `handle` that answers the request itself, in `sequence`": {
        ...reads("the shortcut", "/shortcut"),
        unguarded: (headers) => tells(late.url, "/shortcut", "the shortcut", headers),
      },
      "behind Express or another server": {
        async reach(headers) {
          await staysWhereItIs(behind.port, "the admin area");
          await staysWhereItIs(site.port, "the admin area");
          return everyVariant(["", ...MOVING_HOSTS], async (host) => {
            const hosts = host === "" ? {} : { Host: host };
            const path = host === "" ? "/admin" : "/public";
            const { text } = await sendRaw(behind.port, path, { ...headers, ...hosts });
            return text.includes("the admin area");
          });
        },
        unguarded: (headers) => tells(bare.url, "/admin", "the admin area", headers),
      },
      "form actions of a public page": reads("the form action", [
        "POST",
        "/public?/leave",
        { ...form, accept: "application/json" },
        "",
      ]),
      "the `reroute` hook itself": {
        async reach(headers) {
          const before = await counted("reroutes");
          await send(`${site.url}/rerouted`, { headers });
          return (await counted("reroutes")) > before;
        },
      },
      '`__route.js`, with `router.resolution: "server"`': reads(
        'id: "/admin"',
        "/admin/__route.js",
        "/_app/routes/admin/__route.js",
      ),
      "prerendered pages and endpoints": reads("made at build time", "/prerendered"),
      "files in `static/` and of the build, and `/_app/env.js`": {
        reach: async (headers) =>
          (await tells(site.url, "/file.txt", "a file", headers)) &&
          tells(site.url, "/_app/env.js", "env", headers),
      },
    },
    close: () => Promise.all([...apps, ...opened.apps].map((app) => app.stop())),
  };
}

/** The part of their addresses that stands for the file of remote functions. */
function remoteHash(folder) {
  const server = `${folder}/build/server`;
  for (const file of readdirSync(server, { recursive: true })) {
    if (!file.endsWith(".js")) continue;
    const [, hash] = /remotes: \{\s*['"]?(\w+)['"]?:/.exec(readFileSync(`${server}/${file}`)) ?? [];
    if (hash !== undefined) return hash;
  }
  throw new Error("no remote functions were built");
}
