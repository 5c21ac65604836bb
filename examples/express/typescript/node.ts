import { createServer, type ServerResponse } from "node:http";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { type GuardedRequest, requireAccess } from "postern/express";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const guard = requireAccess(verifier);

function handle(request: GuardedRequest<VerifiedAccessToken>, response: ServerResponse) {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(request.access?.principal));
}

createServer((request, response) => {
  guard(request, response, () => handle(request, response));
}).listen(Number(PORT), "127.0.0.1");
