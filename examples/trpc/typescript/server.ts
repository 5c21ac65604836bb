import { initTRPC, TRPCError } from "@trpc/server";
import { type CreateHTTPContextOptions, createHTTPServer } from "@trpc/server/adapters/standalone";
import { createVerifier, isKeySetError, type SafeResult, type VerifiedAccessToken } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { z } from "zod";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const CODES = { 401: "UNAUTHORIZED", 403: "FORBIDDEN", 503: "SERVICE_UNAVAILABLE" } as const;

// Runs once for a whole batch of calls. If your own `check` throws, the whole batch fails.
async function createContext({ req }: CreateHTTPContextOptions) {
  return { access: await verifier.safeVerifyRequest(req) };
}

const t = initTRPC.context<typeof createContext>().create();

// Build every procedure from this one. Other procedures have no `access` and no guard.
const guarded = t.procedure.use(({ ctx, next }) => {
  if (ctx.access.ok) return next({ ctx: { access: ctx.access.value } });
  const code = CODES[ctx.access.error.status];
  throw new TRPCError({ code, message: "Access denied" });
});

const router = t.router({
  whoami: guarded.query(({ ctx: { access } }) => {
    const { principal } = access;
    return `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`;
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
  createContext,
  responseMeta: ({ ctx }) => ({ headers: headersFor(ctx?.access) }),
}).listen(Number(PORT), "127.0.0.1");

function headersFor(access?: SafeResult<VerifiedAccessToken>) {
  const headers = new Headers({ "cache-control": "no-store" });
  if (access?.ok === false) {
    const { error } = access;
    if (error.status === 401) headers.set("www-authenticate", 'Bearer realm="Cloudflare Access"');
    if (isKeySetError(error)) {
      headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))));
    }
  }
  return headers;
}
