// Nest, the oldest and the newest, on Express and on Fastify: one process for each of the four.
import { connect } from "node:net";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { send } from "../lib/http.js";
import { startNest } from "../lib/nest.js";

const SECRET = "the admin area";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

export async function open(issuer) {
  const apps = await startNest(issuer);
  const over = (walk) => (headers) =>
    agree(apps.map((app) => () => walk(app, headers).catch((error) => fail(app, error))));
  const road = (guarded, unguarded) =>
    unguarded === undefined
      ? { reach: over(guarded) }
      : { reach: over(guarded), unguarded: over(unguarded) };
  const lined = (port, bare, walk) =>
    road(
      (app, headers) => walk(app.at(app.ports[port]), headers, app),
      (app, headers) => walk(app.at(app.ports[bare]), headers, app),
    );
  const handlers = (walk) => road((app, headers) => walk(app.at(app.ports.handlers), headers, app));

  return {
    roads: {
      "Controllers, with every method": handlers(reachMethods),
      "Controllers with a version, below `RouterModule`, or made for each request": handlers(
        pages("/v1/versioned", "/outer/inner", "/scoped"),
      ),
      "Server-sent events (`@Sse`)": handlers(pages("/events")),
      "Controllers that extend a `@Public()` class": handlers(
        pages("/child/own", "/child/inherited", "/child/marked", "/child/overridden"),
      ),
      "Middleware, `app.use`, static files, Swagger UI, 404 and exception filters, body parsing":
        lined("everything", "handlers", reachAround),
      "GraphQL queries and mutations": handlers(operations("{ greeting }", "mutation { change }")),
      "GraphQL fields (`@ResolveField`) below a `@Public()` query": lined(
        "fields",
        "handlers",
        operations("{ person { secret } }"),
      ),
      "GraphQL reference resolvers (`_entities`)": lined("fields", "handlers", reachEntities),
      "GraphQL introspection, `_service { sdl }`, GraphiQL": lined(
        "everything",
        "handlers",
        reachSchema,
      ),
      "GraphQL `@Subscription` over `graphql-ws`": road((app, headers) =>
        subscribe(app.ports.subscriptions, "subscription { ticks }", headers, SECRET),
      ),
      "GraphQL introspection and `@Public()` queries over `graphql-ws`": road(
        (app, headers) => reachOverSocket(app.ports.connections, headers),
        (app, headers) => reachOverSocket(app.ports.subscriptions, headers),
      ),
      "Gateways on `ws`: connections and messages": road(
        (app, headers) => fromPages(reachWs, app.ports.guardedWs, headers),
        (app, headers) => reachWs(app.ports.ws, headers, false),
      ),
      "Gateways on socket.io: connections and messages": road(
        (app, headers) => fromPages(reachIo, app.ports.guardedIo, headers),
        (app, headers) => reachIo(app.ports.io, headers, false),
      ),
      "Message handlers of a hybrid application": road(async (app) => {
        const [plain, inheriting] = app.ports.messages;
        if (await sendMessage(inheriting)) throw new Error("inheritAppConfig does not shut it");
        return sendMessage(plain);
      }),
    },
    close: () => Promise.all(apps.map((app) => app.stop())),
  };
}

function fail({ name }, error) {
  throw new Error(`${name}: ${error.message}`);
}

/** What all walks say; an error, where they do not say the same. */
async function agree(walks) {
  const said = await Promise.all(walks.map((walk) => walk()));
  if (new Set(said).size !== 1) throw new Error(`they differ: ${said.join(", ")}`);
  return said[0];
}

const pages =
  (...paths) =>
  (at, headers) =>
    agree(
      paths.map((path) => async () => (await send(at(path), { headers })).text.includes(SECRET)),
    );

async function reachMethods(at, headers) {
  const reaches = (path) => async (method) => {
    const { status, text } = await send(at(path), { method, headers });
    return method === "HEAD" ? status === 200 : text.includes(SECRET);
  };
  return agree([
    ...METHODS.map((method) => () => reaches("/all")(method)),
    () => reaches("/options")("OPTIONS"),
  ]);
}

/** What stands beside the controllers. */
async function reachAround(at, headers, { hasExtras }) {
  const json = { ...headers, "content-type": "application/json" };
  const malformed = async () =>
    (await send(at("/body"), { method: "POST", headers: json, body: "{" })).status === 400;
  const paths = ["/middleware", "/mounted", "/nothing-is-here"];
  const extras = hasExtras ? ["/files/secret.txt", "/docs-json"] : [];
  return agree([() => pages(...paths, ...extras)(at, headers), malformed]);
}

async function ask(at, headers, query, variables) {
  const { text } = await send(at("/graphql"), {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return text;
}

const operations =
  (...queries) =>
  (at, headers) =>
    agree(queries.map((query) => async () => (await ask(at, headers, query)).includes(SECRET)));

const ENTITIES =
  "query($of: [_Any!]!) { _entities(representations: $of) { ... on Person { name secret } } }";

/** The second reference pretends to be what GraphQL tells a resolver, with a context before it. */
function reachEntities(at, headers) {
  const info = { fieldNodes: [], schema: {}, operation: {} };
  const references = [{}, info, { ...info, req: { headers: {} } }];
  return agree(
    references.map((more) => async () => {
      const of = [{ __typename: "Person", id: "1", ...more }];
      return (await ask(at, headers, ENTITIES, { of })).includes(SECRET);
    }),
  );
}

async function reachSchema(at, headers) {
  const tells = async (query) => (await ask(at, headers, query)).includes("Person");
  const html = { ...headers, accept: "text/html" };
  return agree([
    () => tells("{ __schema { types { name } } }"),
    () => tells("{ _service { sdl } }"),
    async () => (await send(at("/graphql"), { headers: html })).status === 200,
  ]);
}

/** One operation over `graphql-ws`: whether what came back has a text in it. */
function subscribe(port, query, headers, wanted) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws", { headers });
    const end = (said) => {
      ws.terminate();
      resolve(said);
    };
    ws.once("error", reject);
    ws.once("close", () => end(false));
    ws.once("open", () => ws.send(JSON.stringify({ type: "connection_init" })));
    ws.on("message", (data) => {
      const { type, payload } = JSON.parse(String(data));
      if (type === "connection_ack") {
        ws.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
      } else if (type === "error" || type === "next") {
        end(JSON.stringify(payload).includes(wanted));
      }
    });
  });
}

const reachOverSocket = (port, headers) =>
  agree([
    () => subscribe(port, "{ __schema { types { name } } }", headers, "Subscription"),
    () => subscribe(port, "{ open }", headers, "open to everybody"),
  ]);

/** From a program and from a page of the origin that is named; a page of another is refused, whatever the token. */
async function fromPages(reach, ports, headers) {
  const from = (origin) => reach(ports, { ...headers, ...origin }, true);
  if (await from({ Origin: "https://evil.example" })) throw new Error("another origin is let in");
  return agree([() => from({}), () => from({ Origin: "https://app.example.com" })]);
}

/** Whether a client is greeted; with `asks`, whether its message is answered as well. */
const reachWs = ([port, other], headers, asks) =>
  agree(
    [`${port}/one`, `${port}/two`, `${other}/three`].map((place) => () => {
      const ws = new WebSocket(`ws://127.0.0.1:${place}`, { headers });
      return greeted(
        asks,
        () => ws.terminate(),
        (heard, refused) => {
          ws.once("unexpected-response", (_request, { statusCode }) =>
            refused(
              [401, 403].includes(statusCode) ? undefined : new Error(`status ${statusCode}`),
            ),
          );
          ws.once("error", refused);
          ws.once("close", () => refused());
          ws.on("message", (text) => {
            const { event, data } = JSON.parse(String(text));
            heard(event, data);
          });
          return () => ws.send(JSON.stringify({ event: "whoami" }));
        },
      );
    }),
  );

const reachIo = ([port, other], headers, asks) =>
  agree(
    [`${port}/`, `${port}/inner`, `${other}/`].flatMap((place) =>
      ["polling", "websocket"].map((transport) => () => {
        const socket = io(`http://127.0.0.1:${place}`, {
          transports: [transport],
          extraHeaders: headers,
          reconnection: false,
          forceNew: true,
        });
        return greeted(
          asks,
          () => socket.disconnect(),
          (heard, refused) => {
            socket.once("connect_error", () => refused());
            socket.once("disconnect", () => refused());
            socket.on("greeting", (data) => heard("greeting", data));
            socket.on("whoami", (data) => heard("whoami", data));
            return () => socket.emit("whoami");
          },
        );
      }),
    ),
  );

async function greeted(asks, end, listen) {
  try {
    return await new Promise((resolve, reject) => {
      const say = listen(
        (event, data) => {
          if (event === "greeting" && asks) say();
          else resolve(event === "greeting" ? data === SECRET : typeof data === "string");
        },
        (error) => (error ? reject(error) : resolve(false)),
      );
    });
  } finally {
    end();
  }
}

/** A request to a microservice over TCP, in Nest's framing. */
function sendMessage(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const message = JSON.stringify({ pattern: "secret", data: "", id: "1" });
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
    socket.once("error", reject);
    socket.once("connect", () => socket.write(`${message.length}#${message}`));
    socket.once("data", (data) => {
      resolve(String(data).includes(SECRET));
      socket.destroy();
    });
  });
}
