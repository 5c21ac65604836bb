// The example for h3, as it is written for h3 1: with a mounted router beside it.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { useBase as below, createApp, createRouter, defineEventHandler, toNodeListener } from "h3";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/h3";

const { TEAM_DOMAIN, POLICY_AUD, PORT } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});
const guard = defineEventHandler(requireAccess(verifier, { publicPaths: ["/public"] }));

const router = createRouter();
router.get(
  "/",
  defineEventHandler(({ context: { access } }) => {
    const { principal } = access;
    return `${principal.kind} ${principal.email ?? principal.name}`;
  }),
);
router.get(
  "/public",
  defineEventHandler(() => "open to everybody"),
);
router.post(
  "/upload",
  defineEventHandler(async (event) => {
    const hash = createHash("sha256");
    for await (const chunk of event.node.req) hash.update(chunk);
    return hash.digest("hex");
  }),
);

// The router mounted below a path has its own guard, which sees a rewritten URL.
const admin = createApp().use(guard);
admin.use(defineEventHandler(() => "the admin area"));

const app = createApp();
app.use("/admin", below("/admin", admin.handler));
app.use(guard).use(router);
createServer(toNodeListener(app)).listen(Number(PORT), "127.0.0.1");
