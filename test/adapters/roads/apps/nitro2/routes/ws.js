import { defineWebSocketHandler } from "h3";
import { guardUpgrade } from "postern/h3";
import { isGuardedBy, verifier } from "../guard.js";

const upgrade = isGuardedBy("route") ? guardUpgrade(verifier) : undefined;

export default defineWebSocketHandler({
  upgrade,
  open: (peer) => peer.send(`in: ${peer.context?.access?.principal.email}`),
});
