// Guards every path of the project, static files included.
import { env } from "cloudflare:workers";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/pages";

const verifier = createVerifier({
  team: env.TEAM_DOMAIN,
  audience: env.POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

export const onRequest = requireAccess(verifier, { publicPaths: ["/public"] });
