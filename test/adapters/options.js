// The options of adapters besides the verifier, tested with the real frameworks.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import connect from "connect";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import Koa from "koa";
import polka from "polka";
import { createVerifier } from "postern";
import * as forExpress from "postern/express";
import { accessPlugin } from "postern/fastify";
import { guard } from "postern/fetch";
import * as forKoa from "postern/koa";
import * as forPages from "postern/pages";
import { createTestIssuer } from "postern/testing";
import { verifyClient, verifyUpgrade } from "postern/upgrade";
import { WebSocketServer } from "ws";
import { HOSTS } from "./lib/attacks.js";
import { send, sendRaw, serve, withToken } from "./lib/http.js";
import { rawStatus } from "./roads/lib/sockets.js";

const issuer = await createTestIssuer({ decoyKeys: true });
const verifier = createVerifier({
  team: issuer.issuer,
  audience: issuer.audience,
  remote: { fetch: issuer.fetch },
});

const nameOf = (access) => access?.principal.id ?? "nobody";
const greet = (request, response) => response.end(nameOf(request.access));

/** Each greets the caller. */
const APPS = {
  "Express 5": (options) => express().use(forExpress.requireAccess(verifier, options), greet),
  "Express 4": (options) => express4().use(forExpress.requireAccess(verifier, options), greet),
  Connect: (options) => connect().use(forExpress.requireAccess(verifier, options)).use(greet),
  Polka: (options) => polka().use(forExpress.requireAccess(verifier, options), greet).handler,
  async Fastify(options) {
    const app = Fastify();
    app.register(accessPlugin, { verifier, ...options });
    app.all("/*", async ({ access }) => nameOf(access));
    await app.ready();
    return app.routing;
  },
  Koa(options) {
    const app = new Koa();
    app.silent = true;
    app.use(forKoa.requireAccess(verifier, options)).use((ctx) => {
      ctx.body = nameOf(ctx.state.access);
    });
    return app.callback();
  },
  fetch: (options) =>
    overNode(guard(verifier, (_request, access) => new Response(nameOf(access)), options)),
  "Pages Functions"(options) {
    const onRequest = forPages.requireAccess(verifier, options);
    return overNode((request) => {
      const data = {};
      const next = async () => new Response(nameOf(data.access));
      return onRequest({ request, data, next, waitUntil() {} });
    });
  },
};

/** A handler of the web's kind on Node's server, which passes on every header unchanged. */
const overNode = (handle) => async (request, response) => {
  const { method, url, headers } = request;
  const hasBody = !["GET", "HEAD"].includes(method) && headers["content-length"] !== undefined;
  const body = hasBody ? { body: request, duplex: "half" } : {};
  const answer = await handle(
    new Request(`http://app.example${url}`, { method, headers, ...body }),
  );
  response.writeHead(answer.status).end(await answer.text());
};

const PREFLIGHT = { origin: "https://a.example", "access-control-request-method": "POST" };

async function letsAnybodyIn(at) {
  assert.equal((await send(at("/"))).text, "nobody");
  assert.equal((await send(at("/"), { headers: { cookie: "theme=dark" } })).text, "nobody");
  const token = await issuer.userToken({ sub: "ada" });
  assert.equal((await send(at("/"), { headers: withToken(token) })).text, "ada");
  const bad = [...(await issuer.hostileTokens()).map((hostile) => hostile.token), "x", `${token}x`];
  for (const one of bad) {
    // An empty header counts as no token.
    if (one.trim() === "") continue;
    const { status, text } = await send(at("/"), { headers: withToken(one) });
    assert.ok(status >= 400 && status < 500, `${status} ${text}`);
  }
  const headers = { cookie: `CF_Authorization=${token}x` };
  assert.equal((await send(at("/"), { headers })).status, 401);
}

async function answersPreflights(at) {
  const status = async (method, headers, body) =>
    (await send(at("/"), { method, headers, body })).status;
  assert.equal((await send(at("/"), { method: "OPTIONS", headers: PREFLIGHT })).text, "nobody");
  const { origin, ...rest } = PREFLIGHT;
  assert.equal(await status("OPTIONS", {}), 401);
  assert.equal(await status("OPTIONS", rest), 401);
  assert.equal(await status("OPTIONS", { origin }), 401);
  assert.equal(await status("OPTIONS", { ...PREFLIGHT, "content-length": "1" }, "x"), 401);
  for (const method of ["GET", "HEAD", "POST"]) {
    assert.equal(await status(method, { ...PREFLIGHT, "content-length": "0" }), 401, method);
  }
}

async function asksForTheMethod(at, port) {
  const status = async (method) => (await send(at("/public"), { method })).status;
  assert.equal((await send(at("/public"))).text, "nobody");
  for (const method of ["POST", "PUT", "OPTIONS"]) assert.equal(await status(method), 401, method);
  for (const host of HOSTS) {
    for (const name of ["Host", "X-Forwarded-Host"]) {
      const answer = await sendRaw(port, "/public", { [name]: host });
      assert.ok(answer.status >= 400, `${name}: ${host}: ${answer.status}`);
    }
  }
}

const publicPaths = (path, { method }) => path === "/public" && method === "GET";

const HTTP = Object.entries(APPS).flatMap(([name, make]) => [
  [
    `${name} accepts requests without a token when it is optional, and none with a bad token`,
    async () => serve(await make({ optional: true }), (_port, at) => letsAnybodyIn(at)),
  ],
  [
    `${name} lets real preflights go on when they are allowed, and no other OPTIONS`,
    async () => serve(await make({ allowPreflight: true }), (_port, at) => answersPreflights(at)),
  ],
  [
    `${name} calls the public-path predicate with the method, and not for a malformed host`,
    async () => serve(await make({ publicPaths }), (port, at) => asksForTheMethod(at, port)),
  ],
]);

/** Servers of WebSockets: by an \`upgrade\` listener, and by ws itself. */
const SOCKETS = {
  verifyUpgrade(options) {
    const server = createServer();
    const mayUpgrade = verifyUpgrade(verifier, options);
    const sockets = new WebSocketServer({ noServer: true });
    return server.on("upgrade", async (request, socket, head) => {
      if (await mayUpgrade(request, socket)) sockets.handleUpgrade(request, socket, head, () => {});
    });
  },
  verifyClient(options) {
    const server = createServer();
    new WebSocketServer({ server, verifyClient: verifyClient(verifier, options) });
    return server;
  },
};

async function upgrades(server, story) {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  try {
    await story((headers, path = "/") => rawStatus(url, `GET ${path}`, headers));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const UPGRADES = Object.entries(SOCKETS).flatMap(([name, make]) => [
  [
    `${name} accepts requests without a token when it is optional, and none with a bad token`,
    () =>
      upgrades(make({ optional: true }), async (statusOf) => {
        const token = await issuer.userToken();
        assert.equal(await statusOf({}), 101);
        assert.equal(await statusOf(withToken(token)), 101);
        assert.equal(await statusOf(withToken(`${token}x`)), 401);
      }),
  ],
  [
    `${name} accepts pages of the origins and programs, and refuses every other page first`,
    () =>
      upgrades(
        make({ origins: ["https://app.example.com"], publicPaths: ["/public"] }),
        async (statusOf) => {
          const token = withToken(await issuer.userToken());
          assert.equal(await statusOf({ ...token, Origin: "https://app.example.com" }), 101);
          assert.equal(await statusOf(token), 101);
          assert.equal(await statusOf({ Origin: "https://app.example.com" }), 401);
          for (const origin of ["https://evil.example", "null", "https://app.example.com.x", ""]) {
            for (const headers of [{}, token, withToken("x")]) {
              assert.equal(await statusOf({ ...headers, Origin: origin }), 403, origin);
            }
            assert.equal(await statusOf({ Origin: origin }, "/public"), 403, origin);
          }
          assert.equal(await statusOf({}, "/public"), 101);
        },
      ),
  ],
  [
    `${name} treats no upgrade as a preflight, and no path of a hostile host as public`,
    () =>
      upgrades(make({ allowPreflight: true, publicPaths: ["/public"] }), async (statusOf) => {
        assert.equal(await statusOf(PREFLIGHT), 401);
        for (const host of HOSTS)
          assert.equal(await statusOf({ Host: host }, "/public"), 401, host);
      }),
  ],
]);

export const OPTIONS = [...HTTP, ...UPGRADES];
