// Routers mounted below a path rewrite `req.url`: a public path of one must not open another.
import assert from "node:assert/strict";
import { getRequestListener } from "@hono/node-server";
import connect from "connect";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { H3, toNodeHandler, withBase } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import mount from "koa-mount";
import polka from "polka";
import { createVerifier } from "postern";
import * as forExpress from "postern/express";
import { accessPlugin } from "postern/fastify";
import * as forH3 from "postern/h3";
import * as forHono from "postern/hono";
import * as forKoa from "postern/koa";
import { createTestIssuer } from "postern/testing";
import { PATHS } from "./lib/attacks.js";
import { send, sendRaw, serve, withToken } from "./lib/http.js";

const issuer = await createTestIssuer({ decoyKeys: true });
const verifier = createVerifier({
  team: issuer.issuer,
  audience: issuer.audience,
  remote: { fetch: issuer.fetch },
});

/** Each guards the part mounted at `/admin`, where its own router sees `/` and `/public`. */
const APPS = {
  async "Express 5"(options) {
    const app = express();
    app.use("/admin", forExpress.requireAccess(verifier, options), (_req, res) => res.send("in"));
    return app;
  },
  async "Express 4"(options) {
    const app = express4();
    app.use("/admin", forExpress.requireAccess(verifier, options), (_req, res) => res.send("in"));
    return app;
  },
  async "Express 5 with errors passed on"(options) {
    const app = express();
    const router = express.Router();
    router.use(forExpress.requireAccess(verifier, { ...options, refuseWith: "next" }));
    router.use((_req, res) => res.send("in"));
    app.use("/admin", router);
    app.use((error, _req, res, _next) => res.set(error.headers).sendStatus(error.status));
    return app;
  },
  async Connect(options) {
    const app = connect();
    app.use("/admin", forExpress.requireAccess(verifier, options));
    return app.use("/admin", (_req, res) => res.end("in"));
  },
  async Polka(options) {
    const app = polka();
    app.use("admin", forExpress.requireAccess(verifier, options), (_req, res) => res.end("in"));
    return app.handler;
  },
  async "Node's own server"(options) {
    const guard = forExpress.requireAccess(verifier, options);
    return (request, response) => guard(request, response, () => response.end("in"));
  },
  async Fastify(options) {
    const app = Fastify({ rewriteUrl: ({ url }) => url.replace(/^\/admin(?=\/|$)/, "") || "/" });
    app.register(accessPlugin, { verifier, ...options });
    app.all("*", async () => "in");
    await app.ready();
    return app.routing;
  },
  async "Fastify with encapsulation"(options) {
    const app = Fastify();
    app.get("/outside", async () => "in");
    app.register(
      async (admin) => {
        admin.register(accessPlugin, { verifier, ...options });
        admin.all("*", async () => "in");
      },
      { prefix: "/admin" },
    );
    await app.ready();
    return app.routing;
  },
  async Koa(options) {
    const admin = new Koa();
    admin.use(forKoa.requireAccess(verifier, options));
    admin.use((ctx) => {
      ctx.body = "in";
    });
    return new Koa().use(mount("/admin", admin)).callback();
  },
  async Hono(options) {
    const admin = new Hono();
    admin.use(forHono.requireAccess(verifier, options));
    admin.all("*", (c) => c.text("in"));
    return getRequestListener(new Hono().route("/admin", admin).fetch);
  },
  async "h3 2"(options) {
    const admin = new H3().use(forH3.requireAccess(verifier, options));
    admin.all("/**", () => "in");
    return toNodeHandler(new H3().all("/admin/**", withBase("/admin", admin.handler)));
  },
};

/** Public for a mounted router, whatever comes before it. */
const WITHIN = { publicPaths: ["/public", "/"] };
/**
 * Paths with this beginning are public: an attacker would like a part of the path to count as the
 * whole.
 */
const BEGINNING = { publicPaths: (path) => path.startsWith("/admin/public/") };

// A URL parser reads these as a path below the public one, and so do routers that use it.
const HARMLESS = ["/public//../admin", "/public/;/../admin"];
const SPELLINGS = PATHS.filter((path) => path.startsWith("/public/") && !HARMLESS.includes(path));

const looksAtTheWholePath = async (port, at) => {
  assert.notEqual((await send(at("/admin//public"))).status, 200);
  for (const path of ["/admin", "/admin/", "/admin/public", "/admin/public?x"]) {
    const { status, text, headers } = await send(at(path));
    assert.equal(status, 401, `${path}: ${status} ${text}`);
    assert.match(headers["cache-control"] ?? "", /no-store/);
    assert.match(headers["www-authenticate"] ?? "", /^Bearer /);
  }
  const headers = withToken(await issuer.userToken());
  const { status, text } = await send(at("/admin/public"), { headers });
  assert.equal(`${status} ${text}`, "200 in");
};

const isNotLedAway = async (port, at) => {
  const { status, text } = await send(at("/admin/public/page"));
  assert.equal(`${status} ${text}`, "200 in");
  for (const path of SPELLINGS) {
    const answer = await sendRaw(port, `/admin${path}`);
    assert.ok(answer.status >= 400, `${path}: ${answer.status}`);
  }
};

export const MOUNTED = Object.entries(APPS).flatMap(([name, make]) => [
  [
    `${name} checks the path that the client requested`,
    async () => serve(await make(WITHIN), looksAtTheWholePath),
  ],
  [
    `${name} does not open a path that only begins like a public one`,
    async () => serve(await make(BEGINNING), isNotLedAway),
  ],
]);
