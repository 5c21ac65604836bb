// Requests to a React Router application: with its own server, behind Express, and in RSC mode.
import { copyExample, run, startApp } from "../lib/app.js";
import { send } from "../lib/http.js";
import { everyVariant, openedRoads, staysWhereItIs, tells } from "./variants.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export async function open(issuer) {
  const folder = copyExample("react-router", "roads-react-router", {
    variant: "roads-react-router",
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
    start({}, "node rsc.js"),
    start({ FRONT: "none" }, "node rsc.js"),
  ]);
  const [site, late, behind, bare, rsc, rscAlone] = apps;
  const opened = await openedRoads(start, "/resource", issuer);
  const { assets } = await import(`${folder}/build/server/index.js`);

  const reads = (secret, ...variants) => ({
    reach: (headers) =>
      everyVariant(variants, (variant) => tells(site.url, variant, secret, headers)),
  });

  return {
    roads: {
      ...opened.roads,
      "loaders and actions, of pages and of data requests (`.data`)": reads(
        "the admin area",
        "/admin",
        "/admin.data",
        "/admin.data?_routes=routes%2Fadmin",
        "/admin/nested.data?_routes=routes%2Fadmin",
        "/admin/_.data",
        ["POST", "/admin", {}, ""],
        ["POST", "/admin.data", {}, ""],
        ["DELETE", "/admin"],
      ),
      "the root's loader": reads("the root loader", "/public.data?_routes=root"),
      "resource routes, every method": {
        reach: (headers) =>
          everyVariant(METHODS, async (method) => {
            const answer = await send(`${site.url}/resource`, { method, headers });
            return answer.headers["x-resource"] === "yes";
          }),
      },
      "the `ErrorBoundary` for what a loader throws": reads("the error boundary", "/failing"),
      "a middleware that answers the request itself": {
        ...reads("the shortcut", "/shortcut"),
        unguarded: (headers) => tells(late.url, "/shortcut", "the shortcut", headers),
      },
      "behind Express or another server": {
        async reach(headers) {
          await staysWhereItIs(behind.port, "the admin area");
          await staysWhereItIs(site.port, "the admin area");
          const isOpen = await tells(behind.url, "/admin", "the admin area", headers);
          const isKnown = await tells(behind.url, "/nowhere", "the error boundary", headers);
          if (isOpen !== isKnown) throw new Error("a route and no route disagree");
          return isOpen;
        },
        unguarded: (headers) => tells(bare.url, "/admin", "the admin area", headers),
      },
      "server functions of the unstable RSC mode": {
        reach: (headers) => {
          const paths = ["/public", "/public.rsc", "/nowhere"];
          return callsServerFunctions(rsc, paths, [BY_HEADER, ...BY_FORM], headers);
        },
        async unguarded(headers) {
          // By the header, the middleware can tell a call from a request for the public page.
          if (await callsServerFunctions(rscAlone, ["/public"], [BY_HEADER], headers)) {
            throw new Error("the header opens a public path");
          }
          return callsServerFunctions(rscAlone, ["/public", "/nowhere"], BY_FORM, headers);
        },
      },
      "paths and methods that no route takes: the root's `Layout` and `ErrorBoundary`": reads(
        "the error boundary",
        "/nowhere",
        ["POST", "/nowhere"],
        ["OPTIONS", "/admin"],
      ),
      "`/__manifest`, which tells the routes": reads(
        '"routes/admin"',
        `/__manifest?version=${assets.version}&paths=%2Fadmin`,
      ),
      "prerendered pages": reads(
        "made at build time",
        "/prerendered/",
        "/prerendered/index.html",
        "/prerendered.data",
      ),
      "files in `public/` and of the build": reads("a file", "/file.txt"),
    },
    close: () => Promise.all([...apps, ...opened.apps].map((app) => app.stop())),
  };
}

const BY_HEADER = [{ "rsc-action-id": "7f", "content-type": "text/plain" }, "[]"];
const BY_FORM = [
  [
    { "content-type": "multipart/form-data; boundary=x" },
    '--x\r\nContent-Disposition: form-data; name="$ACTION_ID_7f"\r\n\r\n\r\n--x--\r\n',
  ],
  [{ "content-type": "application/x-www-form-urlencoded" }, "%24ACTION_ID_7f="],
];

/** Whether a server function runs when it is called in these forms, at any path. */
function callsServerFunctions(app, paths, ways, headers) {
  const variants = paths.flatMap((path) => ways.map(([own, body]) => ["POST", path, own, body]));
  return everyVariant(variants, async ([method, path, own, body]) => {
    const answer = await send(`${app.url}${path}`, {
      method,
      headers: { ...own, ...headers },
      body,
    });
    return answer.text.startsWith("calls:") && answer.text !== "calls: 0";
  });
}
