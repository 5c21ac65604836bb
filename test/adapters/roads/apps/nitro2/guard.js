import { createVerifier } from "postern";

const { TEAM_DOMAIN, POLICY_AUD, GUARD } = process.env;

/** The line that guards: the plugin, the middleware, the hook of a route, or none. */
export const isGuardedBy = (line) => GUARD === line && !import.meta.prerender;

// The prerenderer runs the application at build time, where there is nothing to verify.
export const verifier = createVerifier({
  team: TEAM_DOMAIN ?? "acme",
  audience: POLICY_AUD ?? "none",
});
