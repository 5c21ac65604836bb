// A small origin that lets nobody in without a token which the issuer really signed.
import { createServer } from "node:http";
import { createVerifier } from "../../dist/index.js";

export async function startOrigin({ team, audience }) {
  const verifier = createVerifier({ team, audience });
  const server = createServer(async (request, response) => {
    const access = await verifier.safeVerifyRequest(request);
    const { principal } = access.ok ? access.value : {};
    response.writeHead(access.ok ? 200 : access.error.status, { "cache-control": "no-store" });
    // The tour shows the code; a real origin answers a constant body and logs the code.
    response.end(access.ok ? `${principal.kind} ${principal.id}` : access.error.code);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
