import { sequence } from "astro:middleware";
import { createVerifier } from "postern";
import { requireAccess } from "postern/astro";

const { TEAM_DOMAIN, POLICY_AUD, ORDER, OPEN } = process.env;

const guard = requireAccess(createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD }), {
  ...(OPEN && { [OPEN]: true }),
  publicPaths: ["/public", "/rewriting", "/prerendered/", "/moved-on"],
});
const rewriting = (context, next) =>
  context.url.pathname === "/moved-on" ? next("/admin") : next();

export const onRequest = ORDER === "late" ? sequence(guard, rewriting) : sequence(rewriting, guard);
