import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { accessPlugin } from "postern/h3";

const { TEAM_DOMAIN = "", POLICY_AUD = "" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

export default accessPlugin(verifier, {
  // The files that a public page loads must also be public: Nuxt's own scripts and styles.
  publicPaths: (path) => path === "/public" || path.startsWith("/_nuxt/"),
});
