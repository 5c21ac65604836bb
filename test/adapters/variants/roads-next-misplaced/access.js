import { createVerifier } from "postern";

let verifier;

export function accessVerifier() {
  const { TEAM_DOMAIN, POLICY_AUD } = process.env;
  verifier ??= createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
  return verifier;
}
