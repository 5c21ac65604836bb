import { once } from "node:events";
import { createServer } from "node:http";

/** The ways in which the endpoint can be down. */
export const OUTAGES = ["refused", "status 500", "silence", "a web page", "no keys", "half a body"];

/** A team's certs endpoint on loopback, which can be taken down in several ways. */
export class CertsEndpoint {
  asked = 0;
  outage = undefined;

  async start() {
    await this.#listen(0);
    this.port = this.#server.address().port;
    this.origin = `http://127.0.0.1:${this.port}`;
  }

  /** The keys that it publishes when it is up. */
  publish(issuer) {
    this.issuer = issuer;
  }

  async breakDown(outage) {
    this.outage = outage;
    if (outage === "refused") await this.stop();
  }

  async mend() {
    if (this.outage === "refused") await this.#listen(this.port);
    this.outage = undefined;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #server;

  async #listen(port) {
    this.#server = createServer((_, response) => this.#answer(response));
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  #answer(response) {
    this.asked++;
    // Kept-alive connections would still be there when the server is not.
    response.setHeader("connection", "close");
    const keys = JSON.stringify(this.issuer.jwks());
    if (this.outage === undefined) response.end(keys);
    else if (this.outage === "status 500") response.writeHead(500).end();
    else if (this.outage === "a web page") response.end("<!doctype html><title>Sorry</title>");
    else if (this.outage === "no keys") response.end('{"keys":[]}');
    else if (this.outage === "half a body") response.write(keys.slice(0, keys.length / 2));
    // Silence: the connection is open, and no byte comes.
  }
}
