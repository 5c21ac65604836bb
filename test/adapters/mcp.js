// The MCP SDK's own client against its own server, behind the guard: what users and services may
// do, and that a session and its streams belong to their owner until the token ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  discoverOAuthProtectedResourceMetadata,
  extractResourceMetadataUrl,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import {
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import { createVerifier } from "postern";
import { principalOf, requireAccess } from "postern/mcp";
import { createTestIssuer } from "postern/testing";
import { copyExample, startApp } from "./lib/app.js";
import { withToken } from "./lib/http.js";
import { startIssuer } from "./lib/issuer.js";

/** The current version of the protocol, and the one before. */
const VERSIONS = SUPPORTED_PROTOCOL_VERSIONS.slice(0, 2);
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** A client that asks for one version of the protocol, and sends a token each time. */
async function connect(url, headers, version = LATEST_PROTOCOL_VERSION) {
  const asked = new Set();
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    fetch(address, init) {
      asked.add(new Headers(init.headers).get("mcp-protocol-version"));
      const { body } = init;
      return fetch(address, {
        ...init,
        body: body?.replace(
          `"protocolVersion":"${LATEST_PROTOCOL_VERSION}"`,
          `"protocolVersion":"${version}"`,
        ),
      });
    },
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  const call = async (name, args = {}) => {
    const { content } = await client.callTool({ name, arguments: args });
    return content[0].text;
  };
  return { asked, call, transport, close: () => client.close() };
}

/** Calls tools as a user and as a service, in both versions of the protocol. */
async function speaks(url, issuer) {
  const user = await issuer.userToken({ email: "ada@example.com" });
  const service = await issuer.serviceToken({ common_name: "backup.access" });
  const callers = { "user ada@example.com": user, "service backup.access": service };
  for (const version of VERSIONS) {
    for (const [name, token] of Object.entries(callers)) {
      const client = await connect(url, withToken(token), version);
      assert.equal(await client.call("whoami"), name);
      assert.equal(await client.call("echo", { text: "again" }), "again");
      assert.ok(client.asked.has(version), `speaks ${[...client.asked]}`);
      await client.close();
    }
  }
  await assert.rejects(connect(url, {}), /401|Unauthorized/i);
}

async function withExample(command, story, { env, preload = true } = {}) {
  const issuer = await startIssuer();
  issuer.up();
  const folder = copyExample("mcp", `mcp-${command.replace(/\W+/g, "-").slice(0, 20)}`);
  const facts = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
  const app = await startApp({ command, folder, env: { ...facts, ...env }, preload });
  try {
    await story(`${app.url}/mcp`, issuer, app);
  } finally {
    await app.stop();
    await issuer.close();
  }
}

const WRANGLER =
  "wrangler dev --ip 127.0.0.1 --port $PORT --inspector-port 0 " +
  "--var TEAM_DOMAIN:$TEAM_DOMAIN --var POLICY_AUD:$POLICY_AUD";
const IN_WORKERD = { env: { WRANGLER_SEND_METRICS: "false" }, preload: false };
const SESSIONS = "node sessions.js";

const inSeconds = (seconds) => ({ exp: Math.floor(Date.now() / 1000) + seconds });

/** The answer to a request that names a session. */
async function status(url, headers, method = "POST") {
  const message = {
    jsonrpc: "2.0",
    id: 7,
    method: "tools/call",
    params: { name: "admin", arguments: {} },
  };
  const answer = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    ...(method === "POST" ? { body: JSON.stringify(message) } : {}),
  });
  const text = method === "POST" ? await answer.text() : "";
  await answer.body?.cancel().catch(() => {});
  assert.equal(text.includes("the admin area"), answer.status === 200 && method === "POST", text);
  return answer.status;
}

/** A stream of events. It stays open until a side closes it. */
async function ends(url, headers) {
  const patience = AbortSignal.timeout(30_000);
  const stream = await fetch(url, { headers, signal: patience });
  assert.equal(stream.status, 200);
  await stream.text().catch(() => {});
  assert.equal(patience.aborted, false, "is still open");
}

export const MCP_CLIENT = [
  [
    "the tested versions are those that the page names",
    () => assert.deepEqual(VERSIONS, ["2025-11-25", "2025-06-18"]),
  ],
  ["server.js serves the SDK's client", () => withExample("node server.js", speaks)],
  ["sessions.js serves the SDK's client", () => withExample(SESSIONS, speaks)],
  [
    "worker.js serves the SDK's client in workerd",
    () =>
      withExample(WRANGLER, speaks, { env: { WRANGLER_SEND_METRICS: "false" }, preload: false }),
  ],
  [
    "a session is refused to another user and to a service, by every method",
    () =>
      withExample(SESSIONS, async (url, issuer) => {
        const ada = await connect(
          url,
          withToken(await issuer.userToken({ email: "ada@example.com" })),
        );
        const session = { "mcp-session-id": ada.transport.sessionId };
        assert.ok(session["mcp-session-id"]);
        const others = [
          await issuer.userToken({ email: "mallory@example.com", sub: "mallory" }),
          await issuer.userToken({ email: "ada@example.com", sub: "another ada" }),
          await issuer.serviceToken(),
        ];
        for (const token of others) {
          for (const method of ["GET", "POST", "DELETE"]) {
            assert.equal(
              await status(url, { ...session, ...withToken(token) }, method),
              404,
              method,
            );
          }
        }
        assert.equal(await status(url, session), 401);
        assert.equal(await ada.call("whoami"), "user ada@example.com");
        await ada.transport.terminateSession();
        await ada.close();
      }),
  ],
  [
    "a session and its stream end with the token",
    () =>
      withExample(SESSIONS, async (url, issuer) => {
        const short = withToken(
          await issuer.userToken({ email: "ada@example.com", ...inSeconds(4) }),
        );
        const ada = await connect(url, short);
        const session = { "mcp-session-id": ada.transport.sessionId };
        await ada.close();
        const accept = { accept: "text/event-stream" };
        await ends(url, { ...short, ...session, ...accept });
        const next = withToken(await issuer.userToken({ email: "ada@example.com" }));
        assert.equal(await status(url, { ...session, ...next }), 404);
        const again = await connect(url, next);
        assert.equal(await again.call("whoami"), "user ada@example.com");
        await again.close();
      }),
  ],
  [
    "a stream without a session ends with the token, on Node and in workerd",
    async () => {
      const story = async (url, issuer) => {
        // On a busy machine the first answer can take longer than the short token is valid.
        assert.equal(await status(url, withToken(await issuer.userToken())), 200);
        const token = await issuer.userToken({ email: "ada@example.com", ...inSeconds(4) });
        await ends(url, { ...withToken(token), accept: "text/event-stream" });
      };
      await withExample("node server.js", story);
      await withExample(WRANGLER, story, IN_WORKERD);
    },
  ],
  [
    "nothing is announced when the edge announces it",
    () =>
      withExample("node server.js", async (url) => {
        for (const path of [WELL_KNOWN, `${WELL_KNOWN}/mcp`]) {
          const answer = await fetch(new URL(path, url));
          assert.equal(answer.status, 401);
          assert.equal(extractResourceMetadataUrl(answer), undefined);
        }
        await assert.rejects(discoverOAuthProtectedResourceMetadata(url));
      }),
  ],
  [
    "announced.js tells a client where to get its token, and accepts that token",
    async () => {
      const issuer = await startAuthorizationServer();
      const env = { ISSUER: issuer.url, AUDIENCE: "mcp" };
      const tell = async (url) => {
        const refused = await fetch(url);
        assert.equal(refused.status, 401);
        const named = extractResourceMetadataUrl(refused);
        assert.equal(named?.href, new URL(`${WELL_KNOWN}/mcp`, url).href);
        for (const resourceMetadataUrl of [named, undefined, new URL(WELL_KNOWN, url)]) {
          const said = await discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl });
          assert.equal(said.resource, url);
          assert.deepEqual(said.authorization_servers, [issuer.url]);
        }
        for (const version of VERSIONS) {
          const bearer = { authorization: `Bearer ${await issuer.token()}` };
          const client = await connect(url, bearer, version);
          assert.equal(await client.call("admin"), "the admin area");
          await client.close();
        }
        const wrong = { authorization: `Bearer ${await issuer.token({ aud: "other" })}` };
        await assert.rejects(connect(url, wrong));
      };
      try {
        await withExample("node announced.js", tell, { env });
      } finally {
        await issuer.close();
      }
    },
  ],
  [
    "guards the SDK's own Express application, which has parsed the body",
    async () => {
      const issuer = await createTestIssuer();
      const { audience } = issuer;
      const remote = { fetch: issuer.fetch };
      const app = createMcpExpressApp();
      app.use(requireAccess(createVerifier({ team: issuer.issuer, audience, remote })));
      app.all("/mcp", async (req, res) => {
        const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
        const server = new McpServer({ name: "express", version: "1.0.0" });
        server.registerTool("whoami", {}, ({ authInfo }) => ({
          content: [{ type: "text", text: principalOf(authInfo).kind }],
        }));
        await server.connect(transport);
        await transport.handleRequest(req, res, req.body);
      });
      const server = app.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const url = `http://127.0.0.1:${server.address().port}/mcp`;
        const client = await connect(url, withToken(await issuer.userToken()));
        assert.equal(await client.call("whoami"), "user");
        await client.close();
        await assert.rejects(connect(url, {}), /401|Unauthorized/i);
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  ],
];

/** Another issuer than Access, found by OpenID Connect discovery. */
async function startAuthorizationServer() {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const isKeys = request.url === "/jwks";
    response.end(JSON.stringify(isKeys ? issuer.jwks() : { issuer: url, jwks_uri: `${url}/jwks` }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const issuer = await createTestIssuer({ team: url });
  return {
    url,
    token: (more = {}) =>
      issuer.sign({
        iss: url,
        aud: "mcp",
        sub: "ada",
        iat: inSeconds(0).exp,
        ...inSeconds(300),
        ...more,
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
