// A Worker behind Access, in TypeScript: the platform says who is calling, or else the assertion does.
import { env } from "cloudflare:workers";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guardWorker } from "postern/fetch";

export default {
  fetch: guardWorker(
    createVerifier,
    {
      team: env.TEAM_DOMAIN,
      // The tags of the host name, of the Worker and of the account: each of them can be the one.
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
