// An MCP server over streamable HTTP, without sessions: every request gets its own server.
import { createServer, type ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { type McpRequest, requireAccess } from "postern/mcp";
import { createTools } from "./tools.js";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});
const guard = requireAccess(verifier);

async function handle(request: McpRequest, response: ServerResponse) {
  const transport = new StreamableHTTPServerTransport();
  const server = createTools();
  response.once("close", () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

createServer((request, response) => {
  guard(request, response, () => handle(request, response));
}).listen(Number(PORT), "127.0.0.1");
