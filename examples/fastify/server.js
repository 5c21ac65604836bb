import { createHash } from "node:crypto";
import Fastify from "fastify";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { accessPlugin } from "postern/fastify";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const app = Fastify();
await app.register(accessPlugin, { verifier, publicPaths: ["/public"] });

app.get("/", async (request) => request.access?.principal);
app.get("/public", async () => "open to everybody");
app.get("/admin", async () => "the admin area");

// The guard runs before the body is parsed and does not read it, so it can be streamed.
app.addContentTypeParser("application/octet-stream", (_request, payload, done) => {
  done(null, payload);
});
app.post("/upload", async (request) => {
  const hash = createHash("sha256");
  for await (const chunk of request.raw) hash.update(chunk);
  return hash.digest("hex");
});

await app.listen({ host: "127.0.0.1", port: Number(PORT) });
