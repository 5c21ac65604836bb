// A certs endpoint on loopback, whose answer can be changed while it runs.
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

export const PATH = "/cdn-cgi/access/certs";

export const answers = {
  set: (jwks) => (response) => json(response, JSON.stringify(jwks)),
  text: (body) => (response) => json(response, body),
  status: (status) => (response) => response.writeHead(status).end("{}"),
  elsewhere: (location) => (response) => response.writeHead(302, { location }).end(),
  late: (milliseconds, then) => (response) => setTimeout(then, milliseconds, response),
  silence: () => () => {},
  /** Headers at once, then a space each half second for ever. */
  trickle: () => (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 500);
    response.on("close", () => clearInterval(timer));
  },
};

function json(response, body) {
  response.writeHead(200, { "content-type": "application/json" }).end(body);
}

export async function startEndpoint({ scheme = "https", host = "localhost" } = {}) {
  const endpoint = { answer: answers.status(503), fetches: 0, quiet, close };
  let open = 0;
  const onRequest = (_request, response) => {
    endpoint.fetches++;
    open++;
    response.on("close", () => open--);
    endpoint.answer(response);
  };
  const server =
    scheme === "https" ? createServer(readCertificate(), onRequest) : createHttpServer(onRequest);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint.origin = `${scheme}://${host}:${server.address().port}`;
  endpoint.certs = `${endpoint.origin}${PATH}`;

  /** Requests in the background of a verification have been answered. */
  async function quiet() {
    do await delay(40);
    while (open > 0);
  }
  function close() {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  }
  return endpoint;
}

function readCertificate() {
  const { CERTIFICATE_FILE, CERTIFICATE_KEY_FILE } = process.env;
  return { cert: readFileSync(CERTIFICATE_FILE), key: readFileSync(CERTIFICATE_KEY_FILE) };
}
