/**
 * Guards WebSockets and other upgrades in Node.
 *
 * @module postern/upgrade
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AccessOptions, RequestVerifier } from "./gate.ts";
import { holdErrors } from "./hold-errors.ts";
import { createUpgradeGate, type OriginOptions } from "./origins.ts";
import { nodePath } from "./public-paths.ts";
import type { Rejection } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { OriginOptions } from "./origins.ts";
export type { PublicPaths } from "./public-paths.ts";

/** The request of an upgrade. */
export interface UpgradeRequest<T> extends IncomingMessage {
  /** The verified token. It is not verified again on this connection, so close it at `access.payload.exp`. */
  access?: T | undefined;
}

/** Options of the guard for upgrades. */
export interface UpgradeOptions extends AccessOptions<IncomingMessage>, OriginOptions {}

/** The first argument of `verifyClient` of ws. */
export interface ClientInfo<T> {
  readonly req: UpgradeRequest<T>;
}

/** The callback of `verifyClient` of ws. */
export type ClientAnswer = (
  isAccepted: boolean,
  status?: number,
  body?: string,
  headers?: Record<string, string>,
) => void;

/**
 * Creates a function that decides about a Node `upgrade`, such as a WebSocket's. To accept, it puts the
 * verified token at `request.access` and resolves to `true`. To refuse, it answers 401, 403, 503 or (if your
 * own `check` throws) 500, destroys the socket and resolves to `false`. It never rejects. It handles the
 * socket's errors until a WebSocket library does, so they do not end the process.
 *
 * Browsers send the cookie from the pages of every site, so give your own origins in `origins`.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { verifyUpgrade } from "postern/upgrade";
 * import { WebSocketServer } from "ws";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 * const mayUpgrade = verifyUpgrade(verifier, { origins: ["https://app.example.com"] });
 * const sockets = new WebSocketServer({ noServer: true });
 * // A malformed frame causes an error event, and without a listener that ends the process.
 * sockets.on("connection", (ws) => ws.on("error", () => {}));
 *
 * createServer().on("upgrade", async (request, socket, head) => {
 *   if (!(await mayUpgrade(request, socket))) return;
 *   sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
 * });
 * ```
 */
export function verifyUpgrade<T>(
  verifier: RequestVerifier<T>,
  options: UpgradeOptions = {},
): (request: UpgradeRequest<T>, socket: Duplex) => Promise<boolean> {
  const decide = createDecision(verifier, options);
  return async (request, socket) => {
    const letGo = holdErrors(socket);
    const rejection = await decide(request);
    if (rejection === undefined) letGo();
    else refuse(socket, rejection);
    return rejection === undefined && !socket.destroyed;
  };
}

/**
 * Makes the same decision as a `verifyClient` of ws, for libraries that create the WebSocket server
 * themselves. A refused client gets 401, 403, 503 or 500, and no connection opens.
 *
 * @throws {TypeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { verifyClient } from "postern/upgrade";
 * import { WebSocketServer } from "ws";
 *
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
 * const server = createServer();
 * const sockets = new WebSocketServer({ server, verifyClient: verifyClient(verifier) });
 * sockets.on("connection", (ws) => ws.on("error", () => {}));
 * ```
 */
export function verifyClient<T>(
  verifier: RequestVerifier<T>,
  options: UpgradeOptions = {},
): (info: ClientInfo<T>, answer: ClientAnswer) => Promise<void> {
  const decide = createDecision(verifier, options);
  return async ({ req }, answer) => {
    const rejection = await decide(req);
    if (rejection === undefined) return answer(true);
    const { status, body, headers, contentType } = rejection;
    // With this capitalization, it replaces the content type that ws sets itself.
    answer(false, status, body, { ...headers, "Content-Type": contentType });
  };
}

/** Creates a function that resolves to a rejection, or to `undefined` to accept the upgrade. */
function createDecision<T>(
  verifier: RequestVerifier<T>,
  options: UpgradeOptions,
): (request: UpgradeRequest<T>) => Promise<Rejection | undefined> {
  const gate = createUpgradeGate<T, IncomingMessage>(verifier, options);
  return async (request) => {
    const { access, rejection } = await gate(request, nodePath(request));
    if (rejection === undefined) request.access = access;
    else if (rejection.isFault) console.error(rejection.error);
    return rejection;
  };
}

function refuse(socket: Duplex, { status, title, headers, contentType, body }: Rejection): void {
  const fields = { ...headers, connection: "close", "content-type": contentType };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${body.length}\r\n`;
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("")}${length}\r\n${body}`, () =>
    socket.destroy(),
  );
}
