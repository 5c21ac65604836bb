import { createHash } from "node:crypto";
import { H3, serve } from "h3";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/h3";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const app = new H3();
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));

app.get("/", (event) => event.context.access?.principal);
app.get("/public", () => "open to everybody");
app.get("/admin", () => "the admin area");

// The guard has not read the body, so it can be streamed.
app.post("/upload", async (event) => {
  const hash = createHash("sha256");
  for await (const chunk of event.req.body ?? []) hash.update(chunk);
  return hash.digest("hex");
});

serve(app, { hostname: "127.0.0.1", port: Number(PORT), silent: true });
