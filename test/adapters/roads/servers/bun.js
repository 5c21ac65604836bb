// Every kind of request to Bun.serve.
import { createVerifier } from "postern";
import { guard } from "postern/fetch";

const REACHED = "the application was reached";
const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;
const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const answer = () => new Response(REACHED, { headers: { "x-reached": "yes" } });

function handle(request, _access, server) {
  if (new URL(request.url).pathname === "/throws") throw new Error("a bug");
  if (request.headers.has("upgrade") && server.upgrade(request)) return undefined;
  return answer();
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  development: false,
  routes: {
    "/guarded": guard(verifier, answer),
    "/methods": { POST: guard(verifier, answer) },
    "/open": answer,
    "/open/:id": answer,
    "/static": new Response(REACHED),
  },
  fetch: guard(verifier, handle),
  error: answer,
  websocket: {
    open: (ws) => ws.send(REACHED),
    message() {},
  },
});
