// An MCP server over streamable HTTP, stateless: every request is verified, and gets a server of its own.
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createVerifier } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { z } from "zod";

const { TEAM_DOMAIN, POLICY_AUD, PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  check: some(allowEmails("example.com"), allowServices()),
});

function serverFor({ principal }) {
  const server = new McpServer({ name: "postern-example", version: "1.0.0" });
  const text = (value) => ({ content: [{ type: "text", text: value }] });
  server.registerTool("whoami", { description: "Says who is calling" }, () =>
    text(`${principal.kind} ${principal.email ?? principal.name}`),
  );
  server.registerTool("admin", { description: "A secret" }, () => text("the admin area"));
  const inputSchema = { text: z.string() };
  server.registerTool("echo", { description: "Says it again", inputSchema }, ({ text: value }) =>
    text(value),
  );
  return server;
}

async function handle(request, response) {
  const access = await verifier.safeVerifyRequest(request);
  if (!access.ok) {
    const { status, retryAfterSeconds = 1 } = access.error;
    response.setHeader("cache-control", "no-store");
    if (status === 401) response.setHeader("www-authenticate", 'Bearer realm="Cloudflare Access"');
    if (status === 503)
      response.setHeader("retry-after", String(Math.ceil(retryAfterSeconds) || 1));
    response.writeHead(status).end("Access denied\n");
    return;
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  const server = serverFor(access.value);
  response.once("close", () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

createServer(async (request, response) => {
  try {
    await handle(request, response);
  } catch (error) {
    // What a check throws besides refusing is the application's fault: the door stays shut.
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { "cache-control": "no-store" });
    response.end();
  }
}).listen(Number(PORT), "127.0.0.1");
