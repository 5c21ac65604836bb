import { once } from "node:events";
import { createServer } from "node:http";

/**
 * A loopback server that answers with given content and records its requests.
 * @param answers functions that answer, by path
 */
export async function startSite(answers) {
  const seen = [];
  const server = createServer((request, response) => {
    // Every browser requests this file automatically.
    if (request.url !== "/favicon.ico") seen.push(`${request.method} ${request.url}`);
    const answer = Object.hasOwn(answers, request.url) ? answers[request.url] : undefined;
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** The requests since the last call. */
    asked: () => seen.splice(0),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
