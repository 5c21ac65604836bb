// The examples of an MCP server, without sessions and with them.
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
  const sessions = copyExample("mcp", "roads-mcp-sessions");
  const stateful = await startApp({ command: "node sessions.js", folder: sessions, env });
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
      "a session, by its id": { reach: (headers) => goOn(`${stateful.url}/mcp`, issuer, headers) },
    },
    close: () => Promise.all([app.stop(), stateful.stop()]),
  };
}

const all = (walks) => ({
  async reach(headers) {
    const said = await Promise.all(walks.map((walk) => walk(headers)));
    if (new Set(said).size !== 1) throw new Error(`they differ: ${said.join(", ")}`);
    return said[0];
  },
});

/** Opens a session, and calls a tool in it with other headers, and as another user. */
async function goOn(url, issuer, headers) {
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const post = (message, headers) =>
    fetch(url, {
      method: "POST",
      headers: { ...JSON_BODY, ...headers },
      body: JSON.stringify(message),
    });
  const owner = withToken(await issuer.userToken());
  const opened = await post({ jsonrpc: "2.0", id: 1, method: "initialize", params }, owner);
  await opened.text();
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") };
  const says = async (headers) => (await post(call(2), { ...session, ...headers })).text();
  const mallory = await issuer.userToken({ email: "mallory@example.com", sub: "mallory" });
  if ((await says(withToken(mallory))).includes(SECRET)) throw new Error("open to another user");
  return (await says(headers)).includes(SECRET);
}
