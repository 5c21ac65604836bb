import { env } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";

const verifier = createVerifier({
  team: env.TEAM_DOMAIN,
  audience: env.POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

async function handle(request, access) {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "GET /":
      return new Response(
        `${access.principal.kind} ${access.principal.email ?? access.principal.name}`,
      );
    case "GET /public":
      return new Response("open to everybody");
    case "GET /admin":
      return new Response("the admin area");
    case "POST /upload": {
      // The body has not been touched: it can be streamed.
      const hash = createHash("sha256");
      for await (const chunk of request.body) hash.update(chunk);
      return new Response(hash.digest("hex"));
    }
    default:
      return new Response("not found", { status: 404 });
  }
}

export default { fetch: guard(verifier, handle, { publicPaths: ["/public"] }) };
