/**
 * Guards what leaves HTTP, such as WebSockets, in Node.
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

/** A request whose upgrade may go on. */
export interface UpgradeRequest<T> extends IncomingMessage {
  /** The verified token. It is not verified again on this connection: close it at `access.payload.exp`. */
  access?: T | undefined;
}

/** What the guard of upgrades can be told. */
export interface UpgradeOptions extends AccessOptions<IncomingMessage>, OriginOptions {}

/** What ws hands to its `verifyClient`. */
export interface ClientInfo<T> {
  readonly req: UpgradeRequest<T>;
}

/** How ws is told what became of a handshake. */
export type ClientAnswer = (
  isAccepted: boolean,
  status?: number,
  body?: string,
  headers?: Record<string, string>,
) => void;

/**
 * Decides about a Node `upgrade`, such as a WebSocket's. It puts the verified token at `request.access`
 * and resolves to `true`. Or it answers 401, 403, 503 or (for an exception of your own `check`) 500,
 * destroys the socket and resolves to `false`. It never rejects. It listens for the socket's
 * errors until a WebSocket library does: none of them ends the process.
 *
 * A browser sends its cookie along from any site's page: name yours in `origins`.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { verifyUpgrade } from "postern/upgrade";
 * import { WebSocketServer } from "ws";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 * const mayUpgrade = verifyUpgrade(verifier, { origins: ["https://app.example.com"] });
 * const sockets = new WebSocketServer({ noServer: true });
 * // A malformed frame is an error of its connection, and without a listener the end of the process.
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
 * The same decision as the `verifyClient` of ws, for libraries that make the WebSocket server themselves:
 * a refused client is answered 401, 403, 503 or 500, and no connection is opened.
 *
 * @throws {TypeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createVerifier } from "postern";
 * import { verifyClient } from "postern/upgrade";
 * import { WebSocketServer } from "ws";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
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
    // ws has a type of its own under this very spelling.
    answer(false, status, body, { ...headers, "Content-Type": contentType });
  };
}

/** Resolves to a rejection, or to nothing when the upgrade may go on. */
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
