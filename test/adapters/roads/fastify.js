// Every kind of request to a Fastify application.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import serveFiles from "@fastify/static";
import Fastify from "fastify";
import { createVerifier } from "postern";
import { accessPlugin } from "postern/fastify";
import { verifyUpgrade } from "postern/upgrade";
import { WebSocketServer } from "ws";
import { startExample } from "./lib/example.js";
import { expects } from "./lib/expects.js";
import { overH2 } from "./lib/http2.js";
import {
  agree,
  createHouse,
  http,
  methods,
  overSocket,
  REACHED,
  reached,
  socketOpens,
  socketSays,
} from "./lib/ways.js";

const JSON_BODY = { method: "POST", headers: { "content-type": "application/json" } };

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const house = createHouse();
  const files = mkdtempSync(join(tmpdir(), "roads-"));
  house.onClose(() => rmSync(files, { recursive: true }));
  writeFileSync(join(files, "file.txt"), REACHED);

  const start = async (options, plugin, mayUpgrade) => {
    const app = application(options, files, plugin && { plugin, verifier }, mayUpgrade);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    house.onClose(() => app.close());
    return url;
  };
  const guarded = await start({}, accessPlugin, verifyUpgrade(verifier));
  const bare = await start({}, undefined, async () => true);
  const apart = await house.listen(await beside(verifier));
  const h2 = await start({ http2: true }, accessPlugin);
  const GUARD = "await app.register(accessPlugin, { verifier });";
  const [ws, bareWs] = await Promise.all([
    startExample("fastify/websocket.js", issuer),
    startExample("fastify/websocket.js", issuer, [
      [GUARD, ""],
      ["if (access === null) return ws.terminate();", ""],
      [
        "const { payload, principal } = access;",
        'const payload = {}, principal = { kind: "user" };',
      ],
    ]),
  ]);
  for (const { stop } of [ws, bareWs]) house.onClose(stop);

  const both = (ways) => ({ reach: agree(ways(guarded)), unguarded: agree(ways(bare)) });
  const greets = ({ url }) => socketSays(overSocket(url), { expected: /^user / });
  return {
    roads: {
      "HTTP requests of every method": both((url) =>
        methods(url, ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]),
      ),
      "contexts within the guard's, registered before it or after": both((url) => ({
        before: http(`${url}/early/x`),
        after: http(`${url}/late/x`),
        "further in": http(`${url}/late/within/x`),
        HEAD: http(`${url}/late/x`, { method: "HEAD" }),
      })),
      "contexts next to the guard's, and the one around them": {
        reach: agree({ beside: http(`${apart}/beside/x`), around: http(`${apart}/`) }),
      },
      "`setNotFoundHandler`": both((url) => ({
        "no route": http(`${url}/nowhere`),
        "no route within": http(`${url}/late/nowhere`),
        "no method": http(`${url}/late/x`, { method: "PUT" }),
        POST: http(`${url}/nowhere`, { ...JSON_BODY, body: "{" }),
      })),
      "body parsers, validation, and the errors of routes": both((url) => ({
        "a body that cannot be parsed": http(`${url}/typed`, { ...JSON_BODY, body: "{" }),
        "a body that is not valid": http(`${url}/typed`, { ...JSON_BODY, body: "{}" }),
        "a body of another type": http(`${url}/typed`, { method: "POST", body: "x" }),
        "a route that throws": http(`${url}/throws`),
      })),
      "files of `@fastify/static`": both((url) => ({ file: http(`${url}/files/file.txt`) })),
      "`onRequest` hooks before the guard; `onSend`, `onError` and `onResponse` hooks": {
        reach: http(`${guarded}/hooked`),
      },
      "`frameworkErrors`": { reach: http(`${guarded}/%`) },
      "HTTP/2 (`http2: true`)": {
        reach: agree({ GET: overH2(h2, "/"), POST: overH2(h2, "/", "POST") }),
      },
      "WebSocket routes of `@fastify/websocket`": {
        reach: agree({ opens: socketOpens(overSocket(ws.url)), says: greets(ws) }),
        unguarded: agree({ opens: socketOpens(overSocket(bareWs.url)), says: greets(bareWs) }),
      },
      "WebSocket upgrades (`ws` on `app.server`)": {
        reach: socketOpens(overSocket(guarded)),
        unguarded: socketOpens(overSocket(bare)),
      },
      "other listeners of `app.server`: `checkContinue`, `checkExpectation`": {
        reach: expects(guarded, "100-continue"),
      },
    },
    close: house.close,
  };
}

function application(options, files, guard, mayUpgrade) {
  const answers = async (_request, reply) => reply.header("x-reached", "yes").send(REACHED);
  const app = Fastify({
    ...options,
    frameworkErrors: (_error, _request, reply) => reply.header("x-reached", "yes").send(REACHED),
  });
  app.addHook("onRequest", async ({ url }, reply) => {
    if (url === "/hooked") reply.header("x-reached", "yes");
  });
  app.setErrorHandler(async (error, request, reply) => {
    // A refusal has its own answer; any other answer here is the application's.
    if (error.statusCode === 401) return reply.code(401).headers(error.headers).send("refused");
    return answers(request, reply);
  });
  app.setNotFoundHandler(answers);
  app.register(async (early) => early.get("/early/x", answers));
  app.register(serveFiles, { root: files, prefix: "/files/" });
  if (guard !== undefined) app.register(guard.plugin, { verifier: guard.verifier });
  app.all("/", answers);
  app.register(
    async (late) => {
      late.get("/x", answers);
      late.setNotFoundHandler(answers);
      late.register(async (within) => within.get("/within/x", answers));
    },
    { prefix: "/late" },
  );
  app.get("/hooked", async () => "hooked");
  app.get("/throws", async () => {
    throw new Error("a bug");
  });
  const body = { type: "object", required: ["name"] };
  app.post("/typed", { schema: { body } }, async () => "typed");
  if (mayUpgrade !== undefined) listenForMore(app.server, mayUpgrade);
  return app;
}

/** An application that guards one context only. */
async function beside(verifier) {
  const app = Fastify();
  app.register(async (own) => own.register(accessPlugin, { verifier }));
  app.register(async (other) => other.get("/beside/x", async () => REACHED));
  app.get("/", async () => REACHED);
  await app.ready();
  return app.server;
}

function listenForMore(server, mayUpgrade) {
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (ws) => ws.on("error", () => {}));
  server.on("upgrade", async (request, socket, head) => {
    if (await mayUpgrade(request, socket)) sockets.handleUpgrade(request, socket, head, () => {});
  });
  server.on("checkContinue", reached);
}
