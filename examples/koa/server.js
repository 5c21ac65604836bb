import { createHash } from "node:crypto";
import Koa from "koa";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/koa";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const app = new Koa();
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));

app.use(async (ctx) => {
  switch (`${ctx.method} ${ctx.path}`) {
    case "GET /":
      ctx.body = ctx.state.access.principal;
      return;
    case "GET /public":
      ctx.body = "open to everybody";
      return;
    case "GET /admin":
      ctx.body = "the admin area";
      return;
    case "POST /upload": {
      // The guard has not read the body, so it can be streamed.
      const hash = createHash("sha256");
      for await (const chunk of ctx.req) hash.update(chunk);
      ctx.body = hash.digest("hex");
    }
  }
});

app.listen(Number(PORT), "127.0.0.1");
