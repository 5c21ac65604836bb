// An issuer on loopback whose certs endpoint every reader can use.
import { once } from "node:events";
import { createServer } from "node:http";

/** Starts the endpoint before its answer is known. */
export async function startEndpoint() {
  let document = {};
  const server = createServer((request, response) => {
    const isCerts = request.url === "/cdn-cgi/access/certs";
    response.writeHead(isCerts ? 200 : 404, { "content-type": "application/json" });
    response.end(isCerts ? JSON.stringify(document) : "{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    team: `http://127.0.0.1:${server.address().port}`,
    publish(jwks) {
      document = jwks;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
