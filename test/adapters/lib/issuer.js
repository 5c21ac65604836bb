// A stand-in for the team: the certs endpoint of a test issuer on loopback, which can be taken down.
import { createServer } from "node:http";
import { createTestIssuer } from "postern/testing";

export async function startIssuer() {
  let isUp = false;
  const server = createServer(async (request, response) => {
    // The origin of a Service Worker is separate.
    response.setHeader("access-control-allow-origin", "*");
    if (!isUp) return response.writeHead(500).end();
    const answer = await issuer.fetch(`${url}${request.url}`);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const issuer = await createTestIssuer({ decoyKeys: true, team: url });
  return {
    ...issuer,
    url,
    up() {
      isUp = true;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
