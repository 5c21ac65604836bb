import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { fairConditions } from "./conditions.ts";
import { randomHex } from "./digest.ts";
import { answer, answerUpgrade, type Edge, type ServiceToken } from "./edge.ts";
import { createSigningKeys } from "./keys.ts";
import { type LocalAccessOptions, settle } from "./options.ts";
import { createSessions } from "./sessions.ts";
import { refuseUpgrade } from "./upgrade.ts";

/** A running emulator. */
export interface LocalAccess {
  /** Where to point the browser: `http://127.0.0.1:8788`. */
  readonly url: string;
  /** The AUD tag to configure in the application. */
  readonly audience: string;
  /** The `iss` of its tokens, and the team to configure in the application: the same as the url. */
  readonly issuer: string;
  /** What a service sends in `CF-Access-Client-Id` and `CF-Access-Client-Secret`. New at every start. */
  readonly serviceToken: ServiceToken;
  /** The page that rotates keys and stages outages, and the secret that it asks for. New at every start. */
  readonly controls: { readonly url: string; readonly secret: string };
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Stands in front of an application on this machine as Cloudflare Access does: log-in page, signed
 * assertion, certs and identity endpoints, log-out, service tokens. The application's only difference
 * is its configuration: `team` is the emulator's url.
 *
 * It is for development and tests. It listens on 127.0.0.1 only, and anybody there may log in as anybody.
 *
 * @throws {TypeError | RangeError} (rejects) for a bad option, in one sentence
 * @throws {Error} (rejects) Node's own, when the port is taken
 *
 * @example
 * ```ts
 * import { startLocalAccess } from "postern/local";
 *
 * const access = await startLocalAccess({ target: "http://127.0.0.1:3000" });
 * console.log(`Open ${access.url}, and configure team ${access.issuer}, audience ${access.audience}`);
 * ```
 */
export async function startLocalAccess(options: LocalAccessOptions): Promise<LocalAccess> {
  const settled = settle(options);
  const keys = await createSigningKeys();
  // Explicit, so that no command line makes the parser lenient. A body may take as long as it likes.
  const server = createServer({ insecureHTTPParser: false, requestTimeout: 0 });
  server.listen(settled.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const conditions = fairConditions();
  const edge: Edge = {
    options: settled,
    port,
    keys,
    conditions,
    sessions: createSessions(keys, conditions, { issuer: url, audience: settled.audience }),
    serviceToken: { clientId: `${randomHex(16)}.access`, clientSecret: randomHex(32) },
    controlSecret: randomHex(16),
  };
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  for (const event of ["request", "checkContinue"]) {
    server.on(event, (request, response) => {
      answer(edge, request, response).catch(() => response.destroy());
    });
  }
  server.on("upgrade", (request, socket, early) => {
    // From here on Node listens no more, and an error that nobody hears ends the process.
    socket.on("error", () => socket.destroy());
    answerUpgrade(edge, request, socket, early).catch(() => socket.destroy());
  });
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    refuseUpgrade(socket, { status: 405, reason: "There is no CONNECT here." });
  });
  let closed: Promise<void> | undefined;
  return {
    url,
    audience: settled.audience,
    issuer: url,
    serviceToken: edge.serviceToken,
    controls: { url: `${url}/cdn-cgi/access/local`, secret: edge.controlSecret },
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closed;
    },
  };
}
