import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { listening } from "../proxy/listening.ts";
import { endsBeforeUpgrade, hasTurn, takeTurn } from "../proxy/pipeline.ts";
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

/** A running emulator. */
export interface LocalAccess {
  /** Where to point the browser: `http://127.0.0.1:8788`. */
  readonly url: string;
  /** The AUD tag to configure in the application; where there are several, the first. */
  readonly audience: string;
  /** All AUD tags, where several applications of Access guard one host: configure all of them. */
  readonly audiences: readonly string[];
  /** The `iss` of its tokens, and the team to configure in the application: the same as the url. */
  readonly issuer: string;
  /** What a service sends in `CF-Access-Client-Id` and `CF-Access-Client-Secret`. New at every start. */
  readonly serviceToken: ServiceToken;
  /** The page that rotates keys and stages outages, and the secret that it asks for. New at every start. */
  readonly controls: { readonly url: string; readonly secret: string };
  /**
   * A genuine token of a person, without a log-in: the application must let it in. Where it does not,
   * it is configured otherwise, and that it refuses the hostile tokens proves nothing.
   */
  userToken(claims?: ClaimOverrides): Promise<string>;
  /**
   * Tokens that the application must refuse, each with the reason: send them straight to it, because
   * here no client can bring one along.
   */
  hostileTokens(options?: HostileOptions): Promise<HostileToken[]>;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Imitates Cloudflare Access in front of an application on this machine: log-in page, signed
 * assertion, certs and identity endpoints, log-out, service tokens. The application's only difference
 * is its configuration: `team` is the emulator's url.
 *
 * It is for development and tests. It listens on 127.0.0.1 only, and anyone there may log in as anyone.
 *
 * @throws {TypeError | RangeError} (rejects) for a bad option, in one sentence
 * @throws {Error} (rejects) in one sentence, with Node's `code`, when the port is taken or not allowed
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
  // Explicit, so that no command line makes the parser lenient. A body may take as long as it likes.
  const server = createServer({ insecureHTTPParser: false, requestTimeout: 0 });
  const { port, close } = await listen(server, settled.port);
  // A request that comes early waits until the keys are made.
  const ready = createEdge(settled, port);
  for (const event of ["request", "checkContinue"]) {
    server.on(event, (request, response) => {
      takeTurn(response);
      // Those in front of it may have been answered meanwhile, the last of all among them.
      const begin = async (edge: Edge): Promise<void> => {
        if (hasTurn(response)) await answer(edge, request, response);
      };
      ready.then(begin).catch(() => response.destroy());
    });
  }
  server.on("upgrade", (request, socket, early) => {
    // From here on Node listens no more, and an error without a listener ends the process.
    socket.on("error", () => socket.destroy());
    if (endsBeforeUpgrade(socket)) return;
    ready.then((edge) => answerUpgrade(edge, request, socket, early)).catch(() => socket.destroy());
  });
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    if (endsBeforeUpgrade(socket)) return;
    refuseUpgrade(socket, { status: 405, reason: "There is no CONNECT here." });
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

/** Listens on this machine's own address, and knows how to end. */
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
