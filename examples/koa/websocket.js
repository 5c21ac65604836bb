// koa-websocket opens a connection before any middleware runs, so `verifyClient` guards it.
import Koa from "koa";
import websockify from "koa-websocket";
import { createVerifier } from "postern";
import { requireAccess } from "postern/koa";
import { verifyClient } from "postern/upgrade";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const app = websockify(new Koa(), {
  verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),
});
app.use(requireAccess(verifier));
app.ws.use(requireAccess(verifier));

app.ws.use(({ websocket: ws, state: { access } }) => {
  const { payload, principal } = access;
  ws.send(`${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`);
  ws.on("message", (data) => ws.send(data));
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => ws.close(1008, "the session has ended"), wait);
  ws.once("close", () => clearTimeout(timer));
});

app.listen(Number(PORT), "127.0.0.1");
