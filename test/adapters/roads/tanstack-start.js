// Requests to a TanStack Start application: served by srvx, and behind Express.
import { copyExample, run, startApp } from "../lib/app.js";
import { send, withToken } from "../lib/http.js";
import { everyVariant, staysWhereItIs, tells } from "./variants.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

export async function open(issuer) {
  const folder = copyExample("tanstack-start", "roads-tanstack-start", {
    variant: "roads-tanstack-start",
  });
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
  await run("npm run build", folder, { env });
  const start = (more = {}, command = "npm run serve") =>
    startApp({ command, folder, env: { ...env, ...more }, preload: false });
  const apps = await Promise.all([
    start(),
    start({ ORDER: "late" }),
    // Without the guard behind it, so that the one in front is tested.
    start({ ORDER: "none" }, "node express.js"),
    start({ ORDER: "none" }),
  ]);
  const [site, late, behind, bare] = apps;
  const home = await send(site.url, { headers: withToken(await issuer.userToken()) });
  const [read, write] = home.text.match(/\/_serverFn\/\w+/g) ?? [];
  const call = { "x-tsr-serverfn": "true" };

  const on = (app, secret, ...variants) => ({
    reach: (headers) =>
      everyVariant(variants, (variant) => tells(app.url, variant, secret, headers)),
  });
  const reads = (secret, ...variants) => ({
    ...on(site, secret, ...variants),
    unguarded: on(bare, secret, ...variants).reach,
  });

  return {
    roads: {
      "pages and their loaders": reads("the admin area", "/admin", "/admin?x", "/admin/../admin"),
      "server routes, every method": {
        reach: (headers) =>
          everyVariant(METHODS, async (method) => {
            const answer = await send(`${site.url}/endpoint`, { method, headers });
            return answer.headers["x-endpoint"] === "yes";
          }),
        unguarded: async () => (await send(`${bare.url}/endpoint`)).headers["x-endpoint"] === "yes",
      },
      "server functions, `/_serverFn/id`": reads(
        "the server function",
        ["GET", read, call],
        ["POST", write, call, ""],
      ),
      "paths that match no route, with your `notFoundComponent`": reads("no such page", "/nowhere"),
      "a middleware that answers the request itself": {
        ...on(site, "the shortcut", "/shortcut"),
        unguarded: on(late, "the shortcut", "/shortcut").reach,
      },
      "behind Express or another server": {
        async reach(headers) {
          await staysWhereItIs(behind.port, "the admin area");
          await staysWhereItIs(site.port, "the admin area");
          return tells(behind.url, "/admin", "the admin area", headers);
        },
        unguarded: on(bare, "the admin area", "/admin").reach,
      },
      "prerendered pages": on(site, "made at build time", "/prerendered"),
      "files in `public/` and of the build": on(site, "a file", "/file.txt"),
    },
    close: () => Promise.all(apps.map((app) => app.stop())),
  };
}
