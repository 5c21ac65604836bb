import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";

const { TEAM_DOMAIN = "", POLICY_AUD = "" } = process.env;

export const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});
