// A Worker behind Access, in TypeScript. The caller comes from `ctx.access`, or else from the assertion.
import { env } from "cloudflare:workers";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guardWorker } from "postern/fetch";

export default {
  fetch: guardWorker(
    createVerifier,
    {
      team: env.TEAM_DOMAIN,
      // The tags of the host name, of the Worker and of the account. `ctx.access` may have any of them.
      audience: env.POLICY_AUD.split(","),
      // Optional: only these users and services of your team may enter.
      check: some(allowEmails("example.com"), allowServices()),
      onReject: (error) => console.warn(error.message, error.cause),
    },
    (_request, access) => {
      if (access.principal.kind === "service")
        return new Response(`service ${access.principal.name}`);
      const country =
        access.source === "context" ? access.identity.geo?.country : access.payload.country;
      return new Response(`user ${access.principal.email} ${access.source} ${country}`);
    },
  ),
};
