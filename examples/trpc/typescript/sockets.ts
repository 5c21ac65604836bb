// The guard runs before tRPC, so no request and no WebSocket reaches it without a verified token.
import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { requireAccess } from "postern/express";
import { type UpgradeRequest, verifyClient } from "postern/upgrade";
import { WebSocketServer } from "ws";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });

// The guard has put the token into the request.
const createContext = ({ req }: { req: UpgradeRequest<VerifiedAccessToken> }) => ({
  access: req.access,
});

const t = initTRPC.context<typeof createContext>().create();

const router = t.router({
  whoami: t.procedure.query(({ ctx: { access } }) => access?.principal.id),
  // Works over server-sent events and over the WebSocket.
  watch: t.procedure.subscription(async function* ({ ctx: { access } }) {
    yield access?.principal.id;
  }),
});

const server = createHTTPServer({ router, createContext, middleware: requireAccess(verifier) });

const sockets = new WebSocketServer({
  server,
  verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),
});
applyWSSHandler({ wss: sockets, router, createContext });

sockets.on("connection", (ws, { access }: UpgradeRequest<VerifiedAccessToken>) => {
  if (access === undefined) return ws.terminate();
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(access.payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => ws.close(1008, "the session has ended"), wait);
  ws.once("close", () => clearTimeout(timer));
});

server.listen(Number(PORT), "127.0.0.1");
