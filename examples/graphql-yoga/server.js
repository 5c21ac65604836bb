import { createServer } from "node:http";
import { GraphQLError } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";

const { TEAM_DOMAIN, POLICY_AUD, PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

// A guard for the whole schema: an operation starts with a verified token, or not at all.
async function createContext({ request }) {
  const access = await verifier.safeVerifyRequest(request);
  if (access.ok) return { access: access.value };
  const { status, retryAfterSeconds = 1 } = access.error;
  const headers = { "cache-control": "no-store" };
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="Cloudflare Access"';
  if (status === 503) headers["retry-after"] = String(Math.ceil(retryAfterSeconds) || 1);
  throw new GraphQLError("Access denied", { extensions: { http: { status, headers } } });
}

const schema = createSchema({
  typeDefs:
    "type Query { whoami: String! admin: String! } type Mutation { echo(text: String!): String! }",
  resolvers: {
    Query: {
      whoami(_parent, _args, { access: { principal } }) {
        return `${principal.kind} ${principal.email ?? principal.name}`;
      },
      admin: () => "the admin area",
    },
    Mutation: { echo: (_parent, { text }) => text },
  },
});

const yoga = createYoga({ schema, context: createContext, graphiql: false, logging: false });
createServer(yoga).listen(Number(PORT), "127.0.0.1");
