import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/express";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

const schema = createSchema({
  typeDefs: `
    type Query { whoami: String! admin: String! }
    type Mutation { echo(text: String!): String! }
    type Subscription { watch: String! }
  `,
  resolvers: {
    Query: {
      whoami(_parent, _args, { req }) {
        const principal = req.access?.principal;
        return principal?.kind === "user"
          ? `user ${principal.email}`
          : `service ${principal?.name}`;
      },
      admin: () => "the admin area",
    },
    Mutation: { echo: (_parent, { text }) => text },
    Subscription: {
      watch: {
        async *subscribe() {
          yield { watch: "the admin area" };
        },
      },
    },
  },
});

const yoga = createYoga({ schema, graphiql: false, logging: false });
const guard = requireAccess(verifier);

// The guard runs before Yoga, so nothing is parsed or validated without a verified token, and no
// "Did you mean" error reveals the schema.
createServer((req, res) => guard(req, res, () => yoga(req, res))).listen(Number(PORT), "127.0.0.1");
