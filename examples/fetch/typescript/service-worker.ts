// A Service Worker cannot read the cookie, so the page sends the token in the header.
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";
import { handle } from "./handle.js";

declare const self: ServiceWorkerGlobalScope;

// Registered as /service-worker.js?team=…&audience=…
const facts = new URL(location.href).searchParams;

const verifier = createVerifier({
  team: facts.get("team") ?? "",
  audience: facts.get("audience") ?? "",
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});
const guarded = guard(
  verifier,
  // The guard needs the event for its `waitUntil`.
  (request, access, _event: FetchEvent) => handle(request, access),
  { publicPaths: ["/public"] },
);

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(guarded(event.request, event)));
