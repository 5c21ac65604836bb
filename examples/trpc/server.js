import { initTRPC, TRPCError } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { z } from "zod";

const { TEAM_DOMAIN, POLICY_AUD, PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

const CODES = { 401: "UNAUTHORIZED", 403: "FORBIDDEN", 503: "SERVICE_UNAVAILABLE" };

const t = initTRPC.context().create();

// What every procedure is made from: one that is not has no `access`, and no guard.
const guarded = t.procedure.use(({ ctx, next }) => {
  if (ctx.access.ok) return next({ ctx: { access: ctx.access.value } });
  const { status } = ctx.access.error;
  throw new TRPCError({ code: CODES[status], message: "Access denied" });
});

const router = t.router({
  whoami: guarded.query(({ ctx: { access } }) => {
    const { principal } = access;
    return `${principal.kind} ${principal.email ?? principal.name}`;
  }),
  admin: guarded.query(() => "the admin area"),
  watch: guarded.subscription(async function* () {
    yield "the admin area";
  }),
  open: t.procedure.query(() => "open to everybody"),
  echo: guarded.input(z.string()).mutation(({ input }) => input),
});

createHTTPServer({
  router,
  // Once for a whole batch of calls; what a check throws besides refusing fails the batch.
  createContext: async ({ req }) => ({ access: await verifier.safeVerifyRequest(req) }),
  responseMeta: ({ ctx }) => ({ headers: headersFor(ctx?.access) }),
}).listen(Number(PORT), "127.0.0.1");

function headersFor(access) {
  const headers = new Headers({ "cache-control": "no-store" });
  if (access?.ok === false) {
    const { status, retryAfterSeconds = 1 } = access.error;
    if (status === 401) headers.set("www-authenticate", 'Bearer realm="Cloudflare Access"');
    if (status === 503) headers.set("retry-after", String(Math.ceil(retryAfterSeconds) || 1));
  }
  return headers;
}
