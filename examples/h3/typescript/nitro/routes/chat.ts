import type { Peer } from "crossws";
import { defineWebSocketHandler } from "h3";
import type { VerifiedAccessToken } from "postern";
import { guardUpgrade } from "postern/h3";
import { verifier } from "../verifier.js";

const timers = new WeakMap<Peer, NodeJS.Timeout>();

export default defineWebSocketHandler({
  // A browser sends its cookie along from any site's page; other programs send no Origin.
  upgrade: guardUpgrade(verifier, { origins: ["https://app.example.com"] }),
  open(peer) {
    const { payload, principal } = peer.context.access as VerifiedAccessToken;
    closeAt(peer, payload.exp * 1000);
    peer.send(`Hello ${principal.id}`);
  },
  message(peer, message) {
    peer.send(message.text());
  },
  close: (peer) => clearTimeout(timers.get(peer)),
});

// An open connection is not verified again: it ends with its token.
function closeAt(peer: Peer, time: number) {
  // A longer timer would fire at once, and a session can last a month.
  const wait = Math.min(time - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => {
    if (Date.now() < time) closeAt(peer, time);
    else peer.close(1008, "the session has ended");
  }, wait);
  timers.set(peer, timer);
}
