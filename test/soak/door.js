import { once } from "node:events";
import { createServer } from "node:http";
import { createVerifier } from "postern";
import { requireAccess } from "postern/express";

/**
 * The guarded origin. All waits are short, so that minutes hold what otherwise takes weeks. The
 * cache is small, so that it is full before anything is compared.
 */
export async function startDoor({ issuer, onEvent }) {
  const verifier = createVerifier({
    team: issuer.issuer,
    audience: issuer.audience,
    remote: { maxAgeSeconds: 1, timeoutSeconds: 2, cooldownSeconds: 0.25 },
    verdictCache: { maxEntries: 200 },
    onEvent,
  });
  const guard = requireAccess(verifier);
  // Larger than Node's own limit: the guard's limit is the one under test.
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    guard(request, response, (error) => {
      const { principal } = request.access ?? {};
      response.statusCode = error === undefined ? 200 : 500;
      response.end(principal?.email ?? principal?.name);
    });
  });
  // Longer than any pause between two blocks of traffic: a connection that ends just then would be
  // an error.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
