// The tools of this server. Every tool finds the caller in `extra.authInfo`.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { principalOf } from "postern/mcp";
import { z } from "zod";

export function createTools() {
  const server = new McpServer({ name: "postern-example", version: "1.0.0" });
  server.registerTool("whoami", { description: "Returns the caller" }, ({ authInfo }) => {
    const principal = principalOf(authInfo);
    const name = principal.kind === "user" ? principal.email : principal.name;
    return { content: [{ type: "text", text: `${principal.kind} ${name}` }] };
  });
  server.registerTool("admin", { description: "A secret" }, () => ({
    content: [{ type: "text", text: "the admin area" }],
  }));
  const inputSchema = { text: z.string() };
  server.registerTool("echo", { description: "Returns the text", inputSchema }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  return server;
}
