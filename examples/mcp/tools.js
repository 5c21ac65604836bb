// What the server can do. Every tool finds who calls in `extra.authInfo`.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { principalOf } from "postern/mcp";
import { z } from "zod";

export function createTools() {
  const server = new McpServer({ name: "postern-example", version: "1.0.0" });
  const text = (value) => ({ content: [{ type: "text", text: value }] });
  server.registerTool("whoami", { description: "Says who is calling" }, (extra) => {
    const principal = principalOf(extra.authInfo);
    return text(`${principal.kind} ${principal.email ?? principal.name}`);
  });
  server.registerTool("admin", { description: "A secret" }, () => text("the admin area"));
  const inputSchema = { text: z.string() };
  server.registerTool("echo", { description: "Says it again", inputSchema }, ({ text: value }) =>
    text(value),
  );
  return server;
}
