import type { Handle } from "@sveltejs/kit/hooks";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/sveltekit";

let guard: Handle | undefined;

// Created at the first request: a build runs without these variables.
export const handle: Handle = (input) => {
  const { TEAM_DOMAIN = "", POLICY_AUD = "" } = process.env;
  guard ??= requireAccess(
    createVerifier({
      team: TEAM_DOMAIN,
      audience: POLICY_AUD,
      // Optional: only these users and services of your team may enter.
      check: some(allowEmails("example.com"), allowServices()),
    }),
    { publicPaths: ["/public"] },
  );
  return guard(input);
};
