import { createHash } from "node:crypto";
import express from "express";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/express";

declare global {
  namespace Express {
    interface Request {
      access?: VerifiedAccessToken;
    }
  }
}

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const app = express();
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));

app.get("/", (req, res) => {
  res.json(req.access?.principal);
});
app.get("/public", (_req, res) => {
  res.send("open to everybody");
});
app.get("/admin", (_req, res) => {
  res.send("the admin area");
});

// The guard has not read the body, so it can be streamed.
app.post("/upload", async (req, res) => {
  const hash = createHash("sha256");
  for await (const chunk of req) hash.update(chunk);
  res.send(hash.digest("hex"));
});

app.listen(Number(PORT), "127.0.0.1");
