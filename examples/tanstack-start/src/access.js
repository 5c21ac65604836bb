import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";

let verifier;

/** Creates the verifier at the first request: a build runs without these variables. */
export function accessVerifier() {
  const { TEAM_DOMAIN = "", POLICY_AUD = "" } = process.env;
  verifier ??= createVerifier({
    team: TEAM_DOMAIN,
    audience: POLICY_AUD,
    // Optional: only these users and services of your team may enter.
    check: some(allowEmails("example.com"), allowServices()),
  });
  return verifier;
}
