// A custom server, which also accepts WebSockets.
import { createServer } from "node:http";
import next from "next";
import { verifyUpgrade } from "postern/upgrade";
import { WebSocketServer } from "ws";
import { accessVerifier } from "./access.js";

const { PORT, GUARD } = process.env;

const app = next({ dev: false });
await app.prepare();
const allows = verifyUpgrade(accessVerifier());
const sockets = new WebSocketServer({ noServer: true });

const server = createServer(app.getRequestHandler());
server.on("upgrade", async (request, socket, head) => {
  socket.on("error", () => {});
  if (request.url !== "/socket") return;
  if (GUARD !== "none" && !(await allows(request, socket))) return;
  sockets.handleUpgrade(request, socket, head, (each) => {
    each.on("error", () => {});
    each.send("the socket");
  });
});
server.listen(Number(PORT), "127.0.0.1");
