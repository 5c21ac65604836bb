// The same guard around `Bun.serve`; `Deno.serve` and a Service Worker's `respondWith` take it as well.
import { createHash } from "node:crypto";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { guard } from "postern/fetch";

const { TEAM_DOMAIN, POLICY_AUD, PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
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
      const hash = createHash("sha256");
      for await (const chunk of request.body) hash.update(chunk);
      return new Response(hash.digest("hex"));
    }
    default:
      return new Response("not found", { status: 404 });
  }
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  fetch: guard(verifier, handle, { publicPaths: ["/public"] }),
});
