import { Elysia } from "elysia";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { accessPlugin } from "postern/elysia";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

new Elysia()
  .use(accessPlugin(verifier, { publicPaths: ["/public"] }))
  .get("/", ({ access, status }) => {
    // With public paths, `access` may be undefined, and its type shows this.
    if (access === undefined) return status(401);
    const { principal } = access;
    return `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`;
  })
  .get("/public", () => "open to everybody")
  .get("/admin", () => "the admin area")
  // The guard has not read the body, so it can be streamed.
  .post(
    "/upload",
    async ({ request }) => {
      const hash = new Bun.CryptoHasher("sha256");
      for await (const chunk of request.body ?? []) hash.update(chunk);
      return hash.digest("hex");
    },
    { parse: "none" },
  )
  .listen({ hostname: "127.0.0.1", port: Number(PORT) });
