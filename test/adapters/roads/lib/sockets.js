import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { REACHED } from "./ways.js";

/** A server with WebSockets and tunnels beside its requests, all of them asked about. */
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
