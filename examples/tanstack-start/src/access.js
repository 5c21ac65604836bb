import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";

// Made at the first request: a build has no team, and needs none.
let verifier;

export function accessVerifier() {
  const { TEAM_DOMAIN, POLICY_AUD } = process.env;
  verifier ??= createVerifier({
    team: TEAM_DOMAIN,
    audience: POLICY_AUD,
    check: some(allowEmails("example.com"), allowServices()),
  });
  return verifier;
}
