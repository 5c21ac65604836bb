// Routers mounted below a path rewrite `req.url`: a public path of one must not open another.
import assert from "node:assert/strict";
import { createServer } from "node:http";
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
import { send, withToken } from "./lib/http.js";

const issuer = await createTestIssuer();
const options = { publicPaths: ["/public", "/"] };
const verifier = createVerifier({
  team: issuer.issuer,
  audience: issuer.audience,
  remote: { fetch: issuer.fetch },
});

/** Each guards what is mounted at `/admin`, where a router of its own sees `/` and `/public`. */
const APPS = {
  async "Express 5"() {
    const app = express();
    app.use("/admin", forExpress.requireAccess(verifier, options), (_req, res) => res.send("in"));
    return app;
  },
  async "Express 4"() {
    const app = express4();
    app.use("/admin", forExpress.requireAccess(verifier, options), (_req, res) => res.send("in"));
    return app;
  },
  async "Express 5 handing errors on"() {
    const app = express();
    const router = express.Router();
    router.use(forExpress.requireAccess(verifier, { ...options, refuseWith: "next" }));
    router.use((_req, res) => res.send("in"));
    app.use("/admin", router);
    app.use((error, _req, res, _next) => res.set(error.headers).sendStatus(error.status));
    return app;
  },
  async Connect() {
    const app = connect();
    app.use("/admin", forExpress.requireAccess(verifier, options));
    return app.use("/admin", (_req, res) => res.end("in"));
  },
  async Polka() {
    const app = polka();
    app.use("admin", forExpress.requireAccess(verifier, options), (_req, res) => res.end("in"));
    return app.handler;
  },
  async "Node's own server"() {
    const guard = forExpress.requireAccess(verifier, options);
    return (request, response) => guard(request, response, () => response.end("in"));
  },
  async Fastify() {
    const app = Fastify({ rewriteUrl: ({ url }) => url.replace(/^\/admin(?=\/|$)/, "") || "/" });
    app.register(accessPlugin, { verifier, ...options });
    app.all("*", async () => "in");
    await app.ready();
    return app.routing;
  },
  async "Fastify with encapsulation"() {
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
  async Koa() {
    const admin = new Koa();
    admin.use(forKoa.requireAccess(verifier, options));
    admin.use((ctx) => {
      ctx.body = "in";
    });
    return new Koa().use(mount("/admin", admin)).callback();
  },
  async Hono() {
    const admin = new Hono();
    admin.use(forHono.requireAccess(verifier, options));
    admin.all("*", (c) => c.text("in"));
    return getRequestListener(new Hono().route("/admin", admin).fetch);
  },
  async "h3 2"() {
    const admin = new H3().use(forH3.requireAccess(verifier, options));
    admin.all("/**", () => "in");
    return toNodeHandler(new H3().all("/admin/**", withBase("/admin", admin.handler)));
  },
};

export const MOUNTED = Object.entries(APPS).map(([name, make]) => [
  `${name} looks at the path that the client asked for`,
  async () => {
    const server = createServer(await make()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
    try {
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
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
]);
