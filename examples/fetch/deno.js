import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";
import { handle } from "./handle.js";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = Deno.env.toObject();

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

Deno.serve(
  { hostname: "127.0.0.1", port: Number(PORT) },
  guard(verifier, handle, { publicPaths: ["/public"] }),
);
