import { createServer } from "node:http";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { type UpgradeRequest, verifyUpgrade } from "postern/upgrade";
import { type WebSocket, WebSocketServer } from "ws";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});
const mayUpgrade = verifyUpgrade(verifier, { origins: [ORIGIN], publicPaths: ["/public"] });

const sockets = new WebSocketServer({ noServer: true });
const server = createServer((_request, response) => response.writeHead(404).end());

server.on("upgrade", async (request, socket, head) => {
  if (!(await mayUpgrade(request, socket))) return;
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
});

sockets.on("connection", (ws, { access }: UpgradeRequest<VerifiedAccessToken>) => {
  // A malformed frame causes an error event. Without a listener, that ends the process.
  ws.on("error", () => ws.terminate());
  if (access === undefined) return ws.send("open to everybody");
  const { payload, principal } = access;
  ws.send(`${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`);
  ws.on("message", (data) => ws.send(data));
  // The token is not verified again on an open connection, so close it when the token expires.
  closeAt(ws, payload.exp * 1000);
});

function closeAt(ws: WebSocket, time: number) {
  // Longer timers would fire at once, and a session can last a month.
  const wait = Math.min(time - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => {
    if (Date.now() < time) closeAt(ws, time);
    else ws.close(1008, "the session has ended");
  }, wait);
  ws.once("close", () => clearTimeout(timer));
}

server.listen(Number(PORT), "127.0.0.1");
