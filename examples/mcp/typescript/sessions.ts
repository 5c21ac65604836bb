// The same with sessions: all requests of a client use the transport of its first request.
import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createVerifier } from "postern";
import { type McpRequest, requireAccess } from "postern/mcp";
import { createTools } from "./tools.js";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const transports = new Map<string, StreamableHTTPServerTransport>();

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const guard = requireAccess(verifier, {
  // The session ends when its token expires.
  onSessionEnd: (id) => void transports.get(id)?.close(),
});

async function begin(): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
  });
  const server = createTools();
  await server.connect(transport);
  const { onclose } = transport;
  transport.onclose = () => {
    onclose?.();
    if (transport.sessionId) transports.delete(transport.sessionId);
  };
  return transport;
}

async function handle(request: McpRequest, response: ServerResponse): Promise<void> {
  const id = String(request.headers["mcp-session-id"]);
  const transport = transports.get(id) ?? (await begin());
  await transport.handleRequest(request, response);
}

createServer((request, response) => {
  guard(request, response, () => handle(request, response));
}).listen(Number(PORT), "127.0.0.1");
