import { createServer } from "node:http";
import { connect } from "node:net";
import { WebSocketServer } from "ws";
import { REACHED } from "./ways.js";

/** A server with WebSockets and tunnels beside its requests, all of them tested. */
export function serveSockets(listener, mayUpgrade) {
  const server = createServer(listener);
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (ws) => ws.on("error", () => {}).send(REACHED));
  server.on("upgrade", async (request, socket, head) => {
    if (!(await mayUpgrade(request, socket))) return;
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
  });
  server.on("connect", async (request, socket) => {
    if (await mayUpgrade(request, socket)) socket.end(`HTTP/1.1 200 OK\r\n\r\n${REACHED}`);
  });
  server.once("close", () => sockets.close());
  return server;
}

/** The status of the answer to a request for an upgrade, exactly as it is spelt. */
export function rawStatus(url, target, headers) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
    socket.once("error", reject);
    socket.once("data", (chunk) => {
      resolve(Number(String(chunk).slice(9, 12)));
      socket.destroy();
    });
    const fields = {
      Host: "x",
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  });
}
