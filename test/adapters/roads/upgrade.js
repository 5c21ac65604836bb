// Every kind of request that leaves HTTP, on one of Node's servers.
import { createServer } from "node:http";
import { createVerifier } from "postern";
import { verifyClient, verifyUpgrade } from "postern/upgrade";
import { WebSocketServer } from "ws";
import { startExample } from "./lib/example.js";
import { rawStatus, serveSockets } from "./lib/sockets.js";
import {
  agree,
  createHouse,
  http,
  overSocket,
  reached,
  socketOpens,
  socketSays,
} from "./lib/ways.js";

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const house = createHouse();
  const LINE = "if (!(await mayUpgrade(request, socket))) return;";
  const [example, bare] = await Promise.all([
    startExample("upgrade/server.js", issuer),
    startExample("upgrade/server.js", issuer, [
      [LINE, ""],
      ['return ws.send("open', 'return ws.send("user open'],
    ]),
  ]);
  for (const { stop } of [example, bare]) house.onClose(stop);
  const sockets = await house.listen(serveSockets(reached, verifyUpgrade(verifier)));
  const bareSockets = await house.listen(serveSockets(reached, async () => true));
  const listens = await house.listen(listensItself({ verifyClient: verifyClient(verifier) }));
  const bareListens = await house.listen(listensItself({}));
  const two = await house.listen(twoListeners(verifyUpgrade(verifier)));

  return {
    roads: {
      "WebSocket upgrades": {
        reach: agree(webSocket(example.url)),
        unguarded: agree(webSocket(bare.url)),
      },
      "upgrades by every method, to any protocol": {
        reach: agree(others(sockets)),
        unguarded: agree(others(bareSockets)),
      },
      "a WebSocket server that listens itself: `new WebSocketServer({ server })`": {
        reach: agree(webSocket(listens)),
        unguarded: agree(webSocket(bareListens)),
      },
      "the server's `connect` event (`CONNECT`)": {
        reach: answered(sockets, "CONNECT x:1"),
        unguarded: answered(bareSockets, "CONNECT x:1"),
      },
      "other `upgrade` listeners of the same server": { reach: answered(two, "GET /") },
      "HTTP requests to the same server": { reach: http(sockets) },
    },
    close: house.close,
  };
}

const webSocket = (url) => ({
  opens: socketOpens(overSocket(url)),
  says: socketSays(overSocket(url), { expected: /^(user|the application)/ }),
});

/** Requests that open no WebSocket: ws answers them itself, with another status than the guard. */
const others = (url) => ({
  POST: answered(url, "POST /", { "Content-Length": "0" }),
  PUT: answered(url, "PUT /", { "Content-Length": "0" }),
  OPTIONS: answered(url, "OPTIONS /"),
  h2c: answered(url, "GET /", { Upgrade: "h2c" }),
  "another protocol": answered(url, "GET /", { Upgrade: "irc, websocket" }),
  "no key": answered(url, "GET /", { "Sec-WebSocket-Key": "x" }),
  "an absolute target": answered(url, `GET ${url}/`),
  "no path": answered(url, "OPTIONS *"),
});

/** A request exactly as spelt: whether it passes the guard. */
const answered = (url, target, fields) => async (headers) =>
  (await rawStatus(url, target, { ...fields, ...headers })) !== 401;

function listensItself(options) {
  const server = createServer(reached);
  const sockets = new WebSocketServer({ server, ...options });
  sockets.on("connection", (ws) => ws.on("error", () => {}).send("the application was reached"));
  server.once("close", () => sockets.close());
  return server;
}

/** A second listener, which answers whatever the first decides. */
function twoListeners(mayUpgrade) {
  const server = createServer(reached);
  server.on("upgrade", (request, socket) => void mayUpgrade(request, socket));
  return server.prependListener("upgrade", (_request, socket) =>
    socket.end("HTTP/1.1 200 OK\r\n\r\n"),
  );
}
