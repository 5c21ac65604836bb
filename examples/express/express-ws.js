// express-ws opens a connection before any middleware runs, so `verifyClient` guards it.
import express from "express";
import expressWs from "express-ws";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";
import { verifyClient } from "postern/upgrade";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const { app, getWss } = expressWs(express(), undefined, {
  wsOptions: { verifyClient: verifyClient(verifier, { origins: [ORIGIN] }) },
});
// A malformed frame causes an error event. Without a listener, that ends the process.
getWss().on("connection", (ws) => ws.on("error", () => ws.terminate()));

app.use(requireAccess(verifier));

app.ws("/", (ws, { access }) => {
  if (access === undefined) return ws.terminate();
  const { payload, principal } = access;
  ws.send(`${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`);
  ws.on("message", (data) => ws.send(data));
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => ws.close(1008, "the session has ended"), wait);
  ws.once("close", () => clearTimeout(timer));
});

app.listen(Number(PORT), "127.0.0.1");
