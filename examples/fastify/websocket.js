// @fastify/websocket sends upgrades through Fastify's routes, so the guard checks them like other requests.
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { createVerifier } from "postern";
import { accessPlugin } from "postern/fastify";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const app = Fastify();
await app.register(accessPlugin, { verifier });
await app.register(websocket, { options: { verifyClient: isOwnPage } });

// Browsers send the cookie from the pages of every site. Other programs send no Origin.
function isOwnPage({ origin }) {
  return origin === undefined || origin === ORIGIN;
}

app.get("/", { websocket: true }, (ws, { access }) => {
  if (access === null) return ws.terminate();
  const { payload, principal } = access;
  ws.send(`${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`);
  ws.on("message", (data) => ws.send(data));
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => ws.close(1008, "the session has ended"), wait);
  ws.once("close", () => clearTimeout(timer));
});

await app.listen({ host: "127.0.0.1", port: Number(PORT) });
