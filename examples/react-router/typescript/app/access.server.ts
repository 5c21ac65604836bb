import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/react-router";
import type { MiddlewareFunction } from "react-router";

let guard: MiddlewareFunction<Response> | undefined;

// Created at the first request: a build runs without these variables.
export const accessGuard: MiddlewareFunction<Response> = (args, next) => {
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
  return guard(args, next);
};
