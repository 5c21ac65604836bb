// Every kind of request to a Koa application.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import * as http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Koa from "koa";
import mount from "koa-mount";
import serveFiles from "koa-static";
import { createVerifier } from "postern";
import { requireAccess } from "postern/koa";
import { verifyUpgrade } from "postern/upgrade";
import { startExample } from "./lib/example.js";
import { overH2 } from "./lib/http2.js";
import { serveSockets } from "./lib/sockets.js";
import {
  agree,
  createHouse,
  http,
  METHODS,
  methods,
  overSocket,
  REACHED,
  socketOpens,
  socketSays,
} from "./lib/ways.js";

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const house = createHouse();
  const files = mkdtempSync(join(tmpdir(), "roads-"));
  house.onClose(() => rmSync(files, { recursive: true }));
  writeFileSync(join(files, "file.txt"), REACHED);

  const guard = requireAccess(verifier);
  const app = application(guard, files).callback();
  const guarded = await house.listen(createServer(app));
  const bare = await house.listen(
    createServer(application((_ctx, next) => next(), files).callback()),
  );
  const sockets = await house.listen(serveSockets(app, verifyUpgrade(verifier)));
  const bareSockets = await house.listen(serveSockets(app, async () => true));
  const h2 = await house.listen(http2.createServer(app));
  const VERIFY = "verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),";
  const [ws, lateWs, bareWs] = await Promise.all([
    startExample("koa/websocket.js", issuer),
    startExample("koa/websocket.js", issuer, [[VERIFY, ""]]),
    startExample("koa/websocket.js", issuer, [
      [VERIFY, ""],
      ["app.ws.use(requireAccess(verifier));", ""],
      [
        "const { payload, principal } = access;",
        'const payload = {}, principal = { kind: "user" };',
      ],
    ]),
  ]);
  for (const { stop } of [ws, lateWs, bareWs]) house.onClose(stop);

  const both = (ways) => ({ reach: agree(ways(guarded)), unguarded: agree(ways(bare)) });
  const greets = ({ url }) => socketSays(overSocket(url), { expected: /^user / });
  return {
    roads: {
      "HTTP requests of every method": both((url) => methods(url, METHODS)),
      "middleware and applications mounted after the guard (`koa-mount`)": both((url) => ({
        "a mounted application": http(`${url}/mounted/x`),
        "its files": http(`${url}/late-files/file.txt`),
      })),
      "paths of no route, and middleware that catches errors": both((url) => ({
        "no route": http(`${url}/nowhere`),
        "no URL": http(`${url}/%`),
        "middleware that throws": http(`${url}/throws`),
      })),
      "middleware and applications before the guard, such as `koa-static`": {
        reach: agree({
          "a mounted application": http(`${guarded}/early/x`),
          files: http(`${guarded}/early-files/file.txt`),
          POST: http(`${guarded}/early/x`, { method: "POST" }),
        }),
      },
      "HTTP/2 (`http2.createServer(app.callback())`)": {
        reach: agree({ GET: overH2(h2, "/"), POST: overH2(h2, "/", "POST") }),
      },
      "WebSocket upgrades (`ws` on the same server)": {
        reach: socketOpens(overSocket(sockets)),
        unguarded: socketOpens(overSocket(bareSockets)),
      },
      // Without `verifyClient`, so that the middleware decides.
      "koa-websocket: middleware": { reach: greets(lateWs), unguarded: greets(bareWs) },
      "koa-websocket: the opening of a connection, and broadcasts to `app.ws.server.clients`": {
        reach: socketOpens(overSocket(ws.url)),
        unguarded: socketOpens(overSocket(lateWs.url)),
      },
    },
    close: house.close,
  };
}

function application(guard, files) {
  const answers = (ctx) => {
    ctx.set("x-reached", "yes");
    ctx.body = REACHED;
  };
  const app = new Koa();
  app.silent = true;
  app.use(mount("/early", new Koa().use(answers)));
  app.use(mount("/early-files", serveFiles(files)));
  app.use(guard);
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch {
      answers(ctx);
    }
    if (ctx.path === "/nowhere") answers(ctx);
  });
  app.use(mount("/mounted", new Koa().use(answers)));
  app.use(mount("/late-files", serveFiles(files)));
  app.use((ctx) => {
    if (ctx.path === "/throws") throw new Error("a bug");
    if (ctx.path !== "/nowhere") answers(ctx);
  });
  return app;
}
