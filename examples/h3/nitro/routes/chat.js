import { defineWebSocketHandler } from "h3";
import { guardUpgrade } from "postern/h3";
import { verifier } from "../verifier.js";

const ORIGINS = ["https://app.example.com"];
const guard = guardUpgrade(verifier);
const timers = new WeakMap();

export default defineWebSocketHandler({
  upgrade(request) {
    const origin = request.headers.get("origin");
    // Browsers always send `Origin`. Other programs send none.
    if (origin !== null && !ORIGINS.includes(origin)) throw new Response("No", { status: 403 });
    return guard(request);
  },
  open(peer) {
    const { payload, principal } = peer.context.access;
    closeAt(peer, payload.exp * 1000);
    peer.send(`Hello ${principal.id}`);
  },
  message(peer, message) {
    peer.send(message.text());
  },
  close: (peer) => clearTimeout(timers.get(peer)),
});

// The token is not verified again on an open connection, so close it when the token expires.
function closeAt(peer, time) {
  // Longer timers would fire at once, and a session can last a month.
  const wait = Math.min(time - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => {
    if (Date.now() < time) closeAt(peer, time);
    else peer.close(1008, "the session has ended");
  }, wait);
  timers.set(peer, timer);
}
