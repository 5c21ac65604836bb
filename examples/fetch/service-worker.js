// It sees no cookie: a page sends the token in the header, to be let in.
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";
import { handle } from "./handle.js";

// Registered as /service-worker.js?team=…&audience=…
const facts = new URL(location.href).searchParams;

const verifier = createVerifier({
  team: facts.get("team"),
  audience: facts.get("audience"),
  check: some(allowEmails("example.com"), allowServices()),
});
const guarded = guard(verifier, handle, { publicPaths: ["/public"] });

addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.respondWith(guarded(event.request, event)));
