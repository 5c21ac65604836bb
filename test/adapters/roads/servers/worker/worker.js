// Every kind of request to a Worker: the variable GUARD can turn its own guard off.
import { DurableObject, env, WorkerEntrypoint } from "cloudflare:workers";
import { createVerifier } from "postern";
import { guard } from "postern/fetch";

const REACHED = "the application was reached";

const verifier = createVerifier({ team: env.TEAM_DOMAIN, audience: env.POLICY_AUD });

export class Room extends DurableObject {
  fetch() {
    return new Response(REACHED);
  }
}

export class Methods extends WorkerEntrypoint {
  hello() {
    return REACHED;
  }
}

async function handle(request, _access, bindings) {
  const { pathname } = new URL(request.url);
  if (request.headers.get("Upgrade") === "websocket") return openSocket();
  if (pathname === "/room") {
    return bindings.ROOMS.get(bindings.ROOMS.idFromName("one")).fetch(request);
  }
  if (pathname.startsWith("/files/")) return bindings.ASSETS.fetch(request);
  return new Response(REACHED, { headers: { "x-reached": "yes" } });
}

function openSocket() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.send(REACHED);
  return new Response(null, { status: 101, webSocket: client });
}

const guarded = guard(verifier, handle);

export default {
  async fetch(request, bindings, context) {
    const { pathname } = new URL(request.url);
    // The calls of other Workers, and the handlers that the platform runs.
    if (pathname === "/as-another-worker") return new Response(await bindings.METHODS.hello());
    if (pathname === "/as-a-caller") return bindings.SELF.fetch("http://app.example/", request);
    if (pathname === "/send") return new Response(await bindings.QUEUE.send("one"));
    if (pathname === "/marks") return new Response(JSON.stringify(await bindings.MARKS.list()));
    // A Worker sees a request for a file only if it runs first.
    if (env.GUARD === "off" && !pathname.startsWith("/files/")) {
      return handle(request, undefined, bindings);
    }
    return guarded(request, bindings, context);
  },
  scheduled: (_event, { MARKS }) => MARKS.put("scheduled", "yes"),
  queue: (_batch, { MARKS }) => MARKS.put("queue", "yes"),
};
