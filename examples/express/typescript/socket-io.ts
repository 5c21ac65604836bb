// Socket.IO answers its own requests and upgrades before Express sees them.
import { createServer, type IncomingMessage } from "node:http";
import express from "express";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { type GuardedRequest, requireAccess } from "postern/express";
import { Server } from "socket.io";

const {
  TEAM_DOMAIN = "",
  POLICY_AUD = "",
  ORIGIN = "http://127.0.0.1:8788",
  PORT = "3000",
} = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const guard = requireAccess(verifier);

const app = express();
app.use(guard);
app.get("/", (_req, res) => res.send("hello"));

const server = createServer(app);
const io = new Server(server, { serveClient: false, allowRequest });
io.engine.use(guard);

// Browsers send the cookie from the pages of every site. Other programs send no Origin.
function allowRequest(request: IncomingMessage, answer: (error: null, isAllowed: boolean) => void) {
  const { origin } = request.headers;
  answer(null, origin === undefined || origin === ORIGIN);
}

io.on("connection", (socket) => {
  const { access }: GuardedRequest<VerifiedAccessToken> = socket.request;
  if (access === undefined) return socket.disconnect(true);
  const { payload, principal } = access;
  socket.emit(
    "hello",
    `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`,
  );
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => socket.disconnect(true), wait);
  socket.once("disconnect", () => clearTimeout(timer));
});

server.listen(Number(PORT), "127.0.0.1");
