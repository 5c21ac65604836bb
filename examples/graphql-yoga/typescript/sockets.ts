// Subscriptions over WebSockets, with graphql-ws.
import { createServer } from "node:http";
import { useServer } from "graphql-ws/use/ws";
import { createSchema, createYoga } from "graphql-yoga";
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

const schema = createSchema<{ req: UpgradeRequest<VerifiedAccessToken> }>({
  typeDefs: "type Query { whoami: String! } type Subscription { watch: String! }",
  resolvers: {
    Query: { whoami: (_parent, _args, { req }) => req.access?.principal.id },
    Subscription: {
      watch: {
        async *subscribe(_parent, _args, { req }) {
          yield { watch: req.access?.principal.id };
        },
      },
    },
  },
});

const yoga = createYoga({ schema });
const guard = requireAccess(verifier);
const server = createServer((req, res) => guard(req, res, () => yoga(req, res)));

const sockets = new WebSocketServer({
  server,
  path: yoga.graphqlEndpoint,
  verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),
});
// Puts the request of the WebSocket where resolvers also find the request of a query.
useServer({ schema, context: ({ extra }) => ({ req: extra.request }) }, sockets);

sockets.on("connection", (ws, { access }: UpgradeRequest<VerifiedAccessToken>) => {
  if (access === undefined) return ws.terminate();
  // The token is not verified again on an open connection. Longer timers would fire at once.
  const wait = Math.min(access.payload.exp * 1000 - Date.now(), 2 ** 31 - 1);
  const timer = setTimeout(() => ws.close(1008, "the session has ended"), wait);
  ws.once("close", () => clearTimeout(timer));
});

server.listen(Number(PORT), "127.0.0.1");
