// For Workers and all runtimes with web requests.

import { env } from "cloudflare:workers";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createVerifier } from "postern";
import { requireAccess } from "postern/mcp";
import { createTools } from "./tools.js";

const verifier = createVerifier({ team: env.TEAM_DOMAIN, audience: env.POLICY_AUD });
const guard = requireAccess(verifier);

export default {
  fetch: (request, _env, ctx) =>
    guard(
      request,
      async (authInfo) => {
        const transport = new WebStandardStreamableHTTPServerTransport();
        await createTools().connect(transport);
        return transport.handleRequest(request, authInfo && { authInfo });
      },
      ctx,
    ),
};
