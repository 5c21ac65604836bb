// Every kind of request to an application of Express or of Node's own servers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import * as http2 from "node:http2";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";
import { verifyUpgrade } from "postern/upgrade";
import { io } from "socket.io-client";
import { startExample } from "./lib/example.js";
import { expects } from "./lib/expects.js";
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
  reached,
  socketOpens,
  socketSays,
} from "./lib/ways.js";

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const house = createHouse();
  const files = mkdtempSync(join(tmpdir(), "roads-"));
  house.onClose(() => rmSync(files, { recursive: true }));
  writeFileSync(join(files, "file.txt"), REACHED);

  const guarded = await house.listen(createServer(application(requireAccess(verifier), files)));
  const bare = await house.listen(createServer(application((_req, _res, next) => next(), files)));
  const sockets = await house.listen(serveSockets(reached, verifyUpgrade(verifier)));
  const bareSockets = await house.listen(serveSockets(reached, async () => true));
  const listeners = await house.listen(withListeners(verifier));
  const h2 = await house.listen(overHttp2(verifier));
  const [socketIo, bareSocketIo, expressWs, bareExpressWs] = await Promise.all([
    startExample("express/socket-io.js", issuer),
    startExample("express/socket-io.js", issuer, [
      ["io.engine.use(guard);", ""],
      ["const { access } = socket.request", "const access = { payload: {}, principal: {} }"],
    ]),
    startExample("express/express-ws.js", issuer),
    startExample("express/express-ws.js", issuer, [
      ["verifyClient: verifyClient(verifier, { origins: [ORIGIN] })", ""],
    ]),
  ]);
  for (const app of [socketIo, bareSocketIo, expressWs, bareExpressWs]) house.onClose(app.stop);

  const both = (ways) => ({ reach: agree(ways(guarded)), unguarded: agree(ways(bare)) });
  return {
    roads: {
      "HTTP requests of every method": both((url) => methods(url, METHODS)),
      "routers and applications mounted after the guard": both((url) => ({
        ...methods(`${url}/router/x`, ["GET", "HEAD", "POST", "OPTIONS"]),
        ...Object.fromEntries(
          ["/application/x", "/router/x?y", "/ROUTER/x", "/router//x"].map((path) => [
            path,
            http(`${url}${path}`),
          ]),
        ),
      })),
      "routes and routers registered before the guard": {
        reach: agree(methods(`${guarded}/early`, ["GET", "POST"])),
      },
      "`express.static` after the guard": both((url) =>
        methods(`${url}/late-files/file.txt`, ["GET"]),
      ),
      "`express.static` before the guard": { reach: http(`${guarded}/early-files/file.txt`) },
      "paths of no route, and error handlers": both((url) => ({
        "no route": http(`${url}/nowhere`),
        "no URL": http(`${url}/router/%`),
        "a route that throws": http(`${url}/throws`),
      })),
      "body parsers before the guard, and error handlers that run when they fail": {
        reach: http(`${guarded}/early-body`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{",
        }),
      },
      "WebSocket upgrades (`ws` on the same server)": {
        reach: socketOpens(overSocket(sockets)),
        unguarded: socketOpens(overSocket(bareSockets)),
      },
      "Socket.IO: long polling and WebSockets": {
        reach: agree({
          polling: socketIoSays(socketIo.url, ["polling"]),
          websocket: socketIoSays(socketIo.url, ["websocket"]),
        }),
        unguarded: agree({
          polling: socketIoSays(bareSocketIo.url, ["polling"]),
          websocket: socketIoSays(bareSocketIo.url, ["websocket"]),
        }),
      },
      // Without `verifyClient`, so that the middleware decides.
      "express-ws: routes": {
        reach: socketSays(overSocket(bareExpressWs.url), { expected: /^user / }),
      },
      "express-ws: the opening of a connection, and broadcasts to `getWss().clients`": {
        reach: socketOpens(overSocket(expressWs.url)),
        unguarded: socketOpens(overSocket(bareExpressWs.url)),
      },
      "other listeners of the server: `checkContinue`, `checkExpectation`": {
        reach: agree({
          checkContinue: expects(listeners, "100-continue"),
          checkExpectation: expects(listeners, "something-else"),
        }),
      },
      "the server's `connect` event (`CONNECT`)": {
        reach: tunnels(sockets),
        unguarded: tunnels(bareSockets),
      },
      "requests to Node's own server, and to its `http2` server": {
        reach: agree({
          "HTTP/1.1": http(await house.listen(createServer(onNode(verifier)))),
          "HTTP/2": overH2(h2, "/"),
          "HTTP/2 POST": overH2(h2, "/", "POST"),
        }),
      },
      "`stream` listeners of an `http2` server": { reach: overH2(h2, "/stream") },
    },
    close: house.close,
  };
}

function application(guard, files) {
  const app = express().disable("x-powered-by");
  app.use("/early", reached);
  app.use("/early-files", express.static(files));
  app.use("/early-body", express.json());
  app.use(guard);
  const router = express.Router();
  router.get("/throws", () => {});
  router.use(reached);
  app.use("/router", router);
  app.use("/application", express().use(reached));
  app.use("/late-files", express.static(files));
  app.get("/throws", () => {
    throw new Error("a bug");
  });
  app.use((request, response) => reached(request, response));
  app.use((_error, request, response, _next) => reached(request, response));
  return app;
}

function withListeners(verifier) {
  const guard = requireAccess(verifier);
  const server = createServer((request, response) =>
    guard(request, response, () => reached(request, response)),
  );
  return server.on("checkContinue", reached).on("checkExpectation", reached);
}

const onNode = (verifier) => {
  const guard = requireAccess(verifier);
  return (request, response) => guard(request, response, () => reached(request, response));
};

function overHttp2(verifier) {
  const server = http2.createServer();
  server.on("stream", (stream, headers) => {
    if (headers[":path"] === "/stream") stream.respond({ ":status": 200 }) ?? stream.end(REACHED);
  });
  const guard = onNode(verifier);
  server.on("request", (request, response) => {
    if (request.url !== "/stream") guard(request, response);
  });
  return server;
}

/** A request by CONNECT. */
const tunnels = (url) => (headers) =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(text.includes(REACHED)));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n${lines.join("")}\r\n`);
  });

/** A connection by Socket.IO's own client, with one transport: whether the application greets. */
const socketIoSays = (url, transports) => async (headers) => {
  const socket = io(url, {
    transports,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
    timeout: 5000,
  });
  try {
    return await new Promise((resolve) => {
      socket.once("hello", () => resolve(true));
      socket.once("connect_error", () => resolve(false));
      socket.once("disconnect", () => resolve(false));
    });
  } finally {
    socket.disconnect();
  }
};
