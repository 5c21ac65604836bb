import { env } from "cloudflare:workers";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";
import { handle } from "./handle.js";

const verifier = createVerifier({
  team: env.TEAM_DOMAIN,
  audience: env.POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

export default { fetch: guard(verifier, handle, { publicPaths: ["/public"] }) };
