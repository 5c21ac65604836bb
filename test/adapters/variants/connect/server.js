import { createHash } from "node:crypto";
import { createServer } from "node:http";
import connect from "connect";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/express";

const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

const app = connect();
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));
app.use("/public", (_req, res) => res.end("open to everybody"));
app.use("/admin", (_req, res) => res.end("the admin area"));
app.use("/upload", async (req, res) => {
  const hash = createHash("sha256");
  for await (const chunk of req) hash.update(chunk);
  res.end(hash.digest("hex"));
});
app.use((req, res) => {
  const { principal } = req.access;
  res.end(`${principal.kind} ${principal.email ?? principal.name}`);
});

createServer(app).listen(Number(PORT), "127.0.0.1");
