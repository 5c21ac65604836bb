// Every kind of request to a GraphQL Yoga server, with the page's two examples.
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { createVerifier } from "postern";
import { send } from "../lib/http.js";
import { startExample } from "./lib/example.js";
import { agree, createHouse, overSocket, socketOpens, socketSays } from "./lib/ways.js";

const SECRET = "the admin area";
const PROTOCOL = { protocol: "graphql-transport-ws" };
const INIT = JSON.stringify({ type: "connection_init" });

export async function open(issuer) {
  const verifier = createVerifier({ team: issuer.url, audience: issuer.audience });
  const house = createHouse();
  const WITHOUT = [["guard(req, res, () => yoga(req, res))", "yoga(req, res)"]];
  const [server, bareServer, sockets, bareSockets] = await Promise.all([
    startExample("graphql-yoga/server.js", issuer),
    startExample("graphql-yoga/server.js", issuer, WITHOUT),
    startExample("graphql-yoga/sockets.js", issuer),
    startExample("graphql-yoga/sockets.js", issuer, [
      ["verifyClient: verifyClient(verifier, { origins: [ORIGIN] }),", ""],
      ["if (access === undefined) return ws.terminate();", ""],
      ["access.payload.exp * 1000", "Infinity"],
    ]),
  ]);
  for (const { stop } of [server, bareServer, sockets, bareSockets]) house.onClose(stop);
  const late = await house.listen(createServer(verifiesInContext(verifier)));

  const both = (ways) => ({
    reach: agree(ways(`${server.url}/graphql`)),
    unguarded: agree(ways(`${bareServer.url}/graphql`)),
  });
  const overWebSocket = ({ url }) =>
    agree({
      opens: socketOpens(`${overSocket(url)}/graphql`, PROTOCOL),
      says: socketSays(`${overSocket(url)}/graphql`, { ...PROTOCOL, say: INIT, expected: "ack" }),
    });
  return {
    roads: {
      "queries and mutations, over GET and POST": both((url) => ({
        GET: tells(`${url}?query={admin}`, SECRET),
        POST: asks(url, "{ admin }", SECRET),
        mutation: asks(url, 'mutation { echo(text: "words") }', "words"),
        multipart: uploads(url, "{ admin }", SECRET),
      })),
      "parsing, validation and its suggestions, introspection": both((url) => ({
        "no GraphQL": asks(url, "{", "Syntax Error"),
        "an unknown field": asks(url, "{ admi }", "Did you mean"),
        "an unknown field over GET": tells(`${url}?query={admi}`, "Did you mean"),
        introspection: asks(url, "{ __schema { queryType { name } } }", "Query"),
        __typename: asks(url, "{ __typename }", "Query"),
        "no JSON": tells(url, "errors", { method: "POST", body: "{" }),
      })),
      "subscriptions over server-sent events": both((url) => ({
        GET: tells(`${url}?query=subscription{watch}`, SECRET, EVENTS),
        POST: asks(url, "subscription { watch }", SECRET, EVENTS),
      })),
      "the landing page, GraphiQL, the health check and CORS preflights": both((url) => ({
        health: isFine(new URL("/health", url).href),
        "another path": tells(new URL("/elsewhere", url).href, "Yoga", {
          headers: { accept: "text/html" },
        }),
        preflight: isFine(url, {
          method: "OPTIONS",
          headers: { origin: "https://a.example", "access-control-request-method": "POST" },
        }),
      })),
      "parsing and validation, where the token is verified in `context`": {
        reach: agree({
          "an unknown field": asks(`${late}/graphql`, "{ admi }", "Did you mean"),
          "no GraphQL": asks(`${late}/graphql`, "{", "Syntax Error"),
        }),
      },
      "WebSockets (`graphql-ws`): connections and operations": {
        reach: overWebSocket(sockets),
        unguarded: overWebSocket(bareSockets),
      },
    },
    close: house.close,
  };
}

const EVENTS = { headers: { accept: "text/event-stream" } };
const JSON_BODY = { "content-type": "application/json" };

/** A request over HTTP: whether the answer has this text. */
const tells =
  (url, text, { headers: own, ...request } = {}) =>
  async (headers) => {
    const answer = await send(url, { ...request, headers: { ...JSON_BODY, ...own, ...headers } });
    return answer.text.includes(text);
  };

const asks = (url, query, text, request) =>
  tells(url, text, { ...request, method: "POST", body: JSON.stringify({ query }) });

const isFine = (url, request) => async (headers) => {
  const { status } = await send(url, { ...request, headers: { ...request?.headers, ...headers } });
  return status < 300;
};

/** A request in the form of the GraphQL multipart request specification. */
function uploads(url, query, text) {
  const part = (name, value) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = `${part("operations", JSON.stringify({ query }))}${part("map", "{}")}--x--\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  return tells(url, text, { method: "POST", headers, body });
}

/** The mistake that the page warns of. */
function verifiesInContext(verifier) {
  const schema = createSchema({
    typeDefs: "type Query { admin: String! }",
    resolvers: { Query: { admin: () => SECRET } },
  });
  const context = async ({ request }) => ({ access: await verifier.verifyRequest(request) });
  return createYoga({ schema, context, logging: false });
}
