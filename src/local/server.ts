import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { listening } from "../proxy/listening.ts";
import { endsAfterOwed, hasTurn, takeTurn } from "../proxy/pipeline.ts";
import { createTarget } from "../proxy/target.ts";
import { refuseUpgrade } from "../proxy/upgrade.ts";
import {
  type ClaimOverrides,
  createTestIssuer,
  type HostileOptions,
  type HostileToken,
} from "../testing/index.ts";
import { fairConditions } from "./conditions.ts";
import { randomHex } from "./digest.ts";
import { answer, answerUpgrade, type Edge } from "./edge.ts";
import { type LocalAccessOptions, type Settled, settle } from "./options.ts";
import { newServiceToken, type ServiceToken } from "./service-credentials.ts";
import { createSessions } from "./sessions.ts";

/** A running Local Access. */
export interface LocalAccess {
  /** The address to open in the browser, such as `http://127.0.0.1:8788`. */
  readonly url: string;
  /** The AUD tag to configure in the application. If there are several, the first one. */
  readonly audience: string;
  /** All AUD tags. If several applications of Access share one host, configure all of them. */
  readonly audiences: readonly string[];
  /** The `iss` of its tokens, and the team to configure in the application. It is the same as `url`. */
  readonly issuer: string;
  /** The values for `CF-Access-Client-Id` and `CF-Access-Client-Secret`. New at every start. */
  readonly serviceToken: ServiceToken;
  /** The page that rotates keys and starts outages, and its secret, which is new at every start. */
  readonly controls: { readonly url: string; readonly secret: string };
  /**
   * Makes a user's token without a log-in. The application must accept it. If it does not, its
   * configuration is wrong, and then it proves nothing that it refuses the hostile tokens.
   */
  userToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * Makes tokens that the application must refuse, each with the reason. Send them directly to the
   * application, because Local Access itself does not forward a client's token.
   */
  hostileTokens(options?: HostileOptions): Promise<HostileToken[]>;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts an imitation of Cloudflare Access in front of an application on this machine: log-in page,
 * signed assertion, certs and identity endpoints, log-out, service tokens. Only the configuration of the
 * application changes: `team` is the emulator's `issuer`, and `audience` its `audience`.
 *
 * It is for development and tests. It listens only on 127.0.0.1, and anyone there can log in as anyone.
 *
 * @throws {TypeError | RangeError} (rejects) when an option is wrong; the message is one sentence
 * @throws {Error} (rejects) when the port is not available: one sentence, with Node's `code`, and its
 * error as `cause`
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
  // Explicit, so that no flag of Node makes the parser lenient. There is no time limit for a body.
  const server = createServer({ insecureHTTPParser: false, requestTimeout: 0 });
  const { port, close } = await listen(server, settled.port);
  // An early request waits until the keys are made.
  const ready = createEdge(settled, port);
  for (const event of ["request", "checkContinue"]) {
    server.on(event, (request, response) => {
      takeTurn(response);
      // Earlier requests may have been answered in the meantime, also the last one of the connection.
      const begin = async (edge: Edge): Promise<void> => {
        if (hasTurn(response)) await answer(edge, request, response);
      };
      ready.then(begin).catch(() => response.destroy());
    });
  }
  server.on("upgrade", (request, socket, early) => {
    // Node has removed its own listener, and an error without a listener ends the process.
    socket.on("error", () => socket.destroy());
    if (endsAfterOwed(socket)) return;
    ready.then((edge) => answerUpgrade(edge, request, socket, early)).catch(() => socket.destroy());
  });
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    if (endsAfterOwed(socket)) return;
    refuseUpgrade(socket, { status: 405, reason: "CONNECT is not supported." });
  });
  const { issuer, serviceToken, controlSecret, target } = await ready;
  const url = issuer.issuer;
  return {
    url,
    audience: settled.audiences[0],
    audiences: settled.audiences,
    issuer: url,
    serviceToken,
    controls: { url: `${url}/cdn-cgi/access/local`, secret: controlSecret },
    userToken: (claims) => issuer.userToken(claims),
    hostileTokens: (options) => issuer.hostileTokens(options),
    close() {
      target.pool.destroy();
      return close();
    },
  };
}

async function createEdge(options: Settled, port: number): Promise<Edge> {
  const [audience] = options.audiences;
  const conditions = fairConditions(audience);
  const issuer = await createTestIssuer({
    team: `http://127.0.0.1:${port}`,
    audience,
    now: () => conditions.now(),
  });
  return {
    options,
    port,
    target: createTarget(options.target),
    issuer,
    conditions,
    sessions: createSessions(issuer, conditions),
    serviceToken: newServiceToken(),
    controlSecret: randomHex(16),
  };
}

/** Listens on 127.0.0.1. Returns the port and a function that stops the server. */
async function listen(
  server: Server,
  wanted: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const where = { port: wanted, host: "127.0.0.1" };
  await listening(server, where, `port ${wanted}`, "give another one, or 0 for any free one");
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return closed;
  };
  return { port: (server.address() as AddressInfo).port, close };
}
