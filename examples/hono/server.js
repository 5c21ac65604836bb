import { createHash } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/hono";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const app = new Hono().use(requireAccess(verifier, { publicPaths: ["/public"] }));

app.get("/", (c) => c.json(c.get("access")?.principal));
app.get("/public", (c) => c.text("open to everybody"));
app.get("/admin", (c) => c.text("the admin area"));

// The guard has not read the body, so it can be streamed.
app.post("/upload", async (c) => {
  const hash = createHash("sha256");
  for await (const chunk of c.req.raw.body ?? []) hash.update(chunk);
  return c.text(hash.digest("hex"));
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT) });
