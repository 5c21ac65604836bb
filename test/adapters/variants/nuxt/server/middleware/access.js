import { defineEventHandler } from "h3";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/h3";

const { TEAM_DOMAIN, POLICY_AUD } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

export default defineEventHandler(requireAccess(verifier, { publicPaths: ["/public"] }));
