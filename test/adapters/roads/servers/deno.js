// Every kind of request to Deno.serve.
import { createVerifier } from "postern";
import { guard } from "postern/fetch";

const REACHED = "the application was reached";
const { TEAM_DOMAIN, POLICY_AUD, PORT } = Deno.env.toObject();
const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

const answer = () => new Response(REACHED, { headers: { "x-reached": "yes" } });

function handle(request) {
  if (new URL(request.url).pathname === "/throws") throw new Error("a bug");
  if (request.headers.get("upgrade") !== "websocket") return answer();
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send(REACHED);
  return response;
}

const options = { hostname: "127.0.0.1", port: Number(PORT), onError: answer };
Deno.serve(options, guard(verifier, handle));
