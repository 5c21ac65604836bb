import type { MiddlewareHandler } from "astro";
import { createVerifier } from "postern";
import { requireAccess } from "postern/astro";
import { allowEmails, allowServices, some } from "postern/checks";

let guard: MiddlewareHandler | undefined;

// Created at the first request: a build runs without these variables.
export const onRequest: MiddlewareHandler = (context, next) => {
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
  return guard(context, next);
};
