// Without Managed OAuth, the server itself announces where its clients get tokens.
import { createServer } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createVerifier, discoverKeySet } from "postern";
import { requireAccess } from "postern/mcp";
import { createTools } from "./tools.js";

const { ISSUER = "", AUDIENCE = "", PORT = "3000" } = process.env;
const { RESOURCE = `http://127.0.0.1:${PORT}/mcp` } = process.env;

// These clients send their token as `Authorization: Bearer`. A verifier with `issuer` reads it there.
const verifier = createVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: discoverKeySet(ISSUER),
});
const guard = requireAccess(verifier, {
  resource: RESOURCE,
  resourceMetadata: { authorization_servers: [ISSUER], resource_name: "An example" },
});

createServer((request, response) => {
  guard(request, response, async () => {
    const transport = new StreamableHTTPServerTransport();
    const server = createTools();
    response.once("close", () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response);
  });
}).listen(Number(PORT), "127.0.0.1");
