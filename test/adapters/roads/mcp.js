// The example of an MCP server, and one with sessions, which the example does not keep.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createVerifier } from "postern";
import { copyExample, startApp } from "../lib/app.js";
import { sendRaw, withToken } from "../lib/http.js";

const SECRET = "the admin area";
const ACCEPT = "application/json, text/event-stream";
const JSON_BODY = { "content-type": "application/json", accept: ACCEPT };
const HANDSHAKE = {
  Connection: "close, Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const call = (id) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "admin", arguments: {} },
});

export async function open(issuer) {
  const env = { TEAM_DOMAIN: issuer.url, POLICY_AUD: issuer.audience };
  const folder = copyExample("mcp", "roads-mcp");
  const app = await startApp({ command: "node server.js", folder, env });
  const stateful = await startStateful(issuer);
  const at = (path) => `${app.url}${path}`;

  const posts = (message) => async (headers) => {
    const request = { method: "POST", headers: { ...JSON_BODY, ...headers } };
    const answer = await fetch(at("/mcp"), { ...request, body: JSON.stringify(message) });
    return (await answer.text()).includes(SECRET);
  };
  /** Whether the transport answered; a stream of events has no end. */
  const passes =
    (method, path = "/mcp") =>
    async (headers) => {
      const answer = await fetch(at(path), { method, headers: { accept: ACCEPT, ...headers } });
      await answer.body?.cancel();
      return answer.status !== 401;
    };
  const discovery = ["oauth-protected-resource", "oauth-authorization-server"];

  return {
    roads: {
      "`POST`: messages, one or a batch of them": all([posts(call(1)), posts([call(1), call(2)])]),
      "`GET`, the stream of events, and `DELETE`": all([passes("GET"), passes("DELETE")]),
      "every other method": all(
        ["HEAD", "OPTIONS", "PUT", "PATCH"].map((method) => passes(method)),
      ),
      "every other path, `/.well-known/oauth-protected-resource` among them": all(
        ["/", ...discovery.map((name) => `/.well-known/${name}`)].map((path) =>
          passes("GET", path),
        ),
      ),
      "WebSocket upgrades": {
        reach: async (headers) =>
          (await sendRaw(app.port, "/mcp", { ...HANDSHAKE, ...headers })).status !== 401,
      },
      "a session that another principal opened": { reach: () => stateful.hijack() },
    },
    close: () => Promise.all([app.stop(), stateful.close()]),
  };
}

const all = (walks) => ({
  async reach(headers) {
    const said = await Promise.all(walks.map((walk) => walk(headers)));
    if (new Set(said).size !== 1) throw new Error(`they differ: ${said.join(", ")}`);
    return said[0];
  },
});

/** A server that verifies each request, and finds its session by nothing but its id. */
async function startStateful(issuer) {
  const { safeVerifyRequest } = createVerifier({ team: issuer.url, audience: issuer.audience });
  const sessions = new Map();

  async function begin({ principal }) {
    const server = new McpServer({ name: "stateful", version: "1.0.0" });
    server.registerTool("admin", { description: "A secret" }, () => ({
      content: [{ type: "text", text: `${SECRET} of ${principal.email}` }],
    }));
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    await server.connect(transport);
    return transport;
  }

  const server = createServer(async (request, response) => {
    const access = await safeVerifyRequest(request);
    if (!access.ok) return response.writeHead(access.error.status).end();
    const known = sessions.get(request.headers["mcp-session-id"]);
    await (known ?? (await begin(access.value))).handleRequest(request, response);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}/mcp`;
  const post = async (email, message, headers = {}) =>
    fetch(url, {
      method: "POST",
      headers: { ...JSON_BODY, ...headers, ...withToken(await issuer.userToken({ email })) },
      body: JSON.stringify(message),
    });

  return {
    async hijack() {
      const params = {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "test", version: "1" },
      };
      const message = { jsonrpc: "2.0", id: 1, method: "initialize", params };
      const opened = await post("ada@example.com", message);
      await opened.text();
      const session = { "mcp-session-id": opened.headers.get("mcp-session-id") };
      const answer = await post("mallory@example.com", call(2), session);
      return (await answer.text()).includes(`${SECRET} of ada@example.com`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
