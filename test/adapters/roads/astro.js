// Requests to an Astro site: with its own server, behind Express, and with its own pipeline.
import { copyExample, run, startApp } from "../lib/app.js";
import { send, sendRaw } from "../lib/http.js";
import { everyVariant, MOVING_HOSTS, openedRoads, staysWhereItIs, tells } from "./variants.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
const FORM = { "content-type": "application/x-www-form-urlencoded" };

export async function open(issuer) {
  const folder = copyExample("astro", "roads-astro", { variant: "roads-astro" });
  const env = {
    TEAM_DOMAIN: issuer.url,
    POLICY_AUD: issuer.audience,
    ASTRO_TELEMETRY_DISABLED: "1",
  };
  await run("npm run build", folder, { env });
  const start = (more = {}, command = "node dist/server/entry.mjs") =>
    startApp({ command, folder, env: { ...env, ...more }, preload: false });
  const apps = await Promise.all([
    start(),
    start({ ORDER: "late" }),
    start({ PIPELINE: "guarded" }),
    start({ PIPELINE: "bare" }),
    // Without the guard behind it, so that the one in front is tested.
    start({ PIPELINE: "bare" }, "node express.js"),
  ]);
  const [site, late, guarded, bare, behind] = apps;
  const opened = await openedRoads(start, "/endpoint", issuer);

  const reads = (app, secret, ...variants) => ({
    reach: (headers) =>
      everyVariant(variants, (variant) => tells(app.url, variant, secret, headers)),
  });
  const island = async (headers) => {
    // The site's own key encrypts the request of an island: the page with the island has it.
    const token = await issuer.userToken();
    const page = await send(`${site.url}/admin`, {
      headers: { "Cf-Access-Jwt-Assertion": token },
    });
    const [, path] = /["'](\/_server-islands\/[^"']+)["']/.exec(page.text) ?? [];
    if (path === undefined) throw new Error("the page has no island");
    return tells(site.url, path.replaceAll("&amp;", "&"), "the island", headers);
  };
  const image = async (headers) => {
    const { status } = await send(`${site.url}/_image?href=/nothing.png&f=png`, { headers });
    return status !== 401;
  };

  return {
    roads: {
      ...opened.roads,
      "pages and endpoints, every method": {
        reach: (headers) =>
          everyVariant(["/admin", ...METHODS], async (variant) => {
            if (variant === "/admin") return tells(site.url, variant, "the admin area", headers);
            const answer = await send(`${site.url}/endpoint`, { method: variant, headers });
            return answer.headers["x-endpoint"] === "yes";
          }),
      },
      "actions: `/_actions/name`, and `?_action=name` on any path": reads(
        site,
        "the action ran",
        ["POST", "/_actions/remove", FORM, ""],
        ["POST", "/_actions/nested.remove", FORM, ""],
        ["POST", "/_actions/remove/", FORM, ""],
        ["POST", "/public?_action=remove", FORM, ""],
        ["POST", "/public?%5Faction=remove", FORM, ""],
        ["POST", "/public?_action=nested.remove", FORM, ""],
      ),
      "server islands": { reach: island },
      "the image endpoint, `/_image`": { reach: image },
      "paths that match nothing, with a `404.astro` of your own": reads(
        site,
        "no such page",
        "/nowhere",
        ["POST", "/nowhere"],
      ),
      "`Astro.rewrite()` on a public page": reads(site, "the admin area", "/rewriting"),
      'a middleware that rewrites, with `next("/other")`': {
        ...reads(site, "the admin area", "/moved-on"),
        unguarded: (headers) => tells(late.url, "/moved-on", "the admin area", headers),
      },
      "a pipeline of your own in `src/fetch.ts` (Astro 7)": {
        ...reads(guarded, "the admin area", "/admin"),
        unguarded: (headers) => tells(bare.url, "/admin", "the admin area", headers),
      },
      "behind Express, in middleware mode": {
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
      "`redirects` of `astro.config`": {
        reach: async (headers) => {
          const answer = await send(`${site.url}/moved`, { headers });
          return answer.headers.location === "/secret-place";
        },
      },
      "prerendered pages and endpoints": reads(site, "made at build time", "/prerendered"),
      "files in `public/` and of the build": reads(site, "a file", "/file.txt"),
    },
    close: () => Promise.all([...apps, ...opened.apps].map((app) => app.stop())),
  };
}
