/**
 * Guards what leaves HTTP, such as WebSockets, in Node.
 *
 * @module postern/upgrade
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type AccessOptions, createGate, type RequestVerifier } from "./gate.ts";
import { nodePath } from "./public-paths.ts";
import type { Rejection } from "./rejection.ts";

export type { AccessOptions, RequestVerifier } from "./gate.ts";
export type { PublicPaths } from "./public-paths.ts";

/** A request whose upgrade may go on. */
export interface UpgradeRequest<T> extends IncomingMessage {
  /** The verified token. Nobody asks again on this connection: close it at `access.payload.exp`. */
  access?: T | undefined;
}

/**
 * Decides about a Node `upgrade`, such as a WebSocket's: puts the verified token at `request.access`
 * and resolves to `true`, or answers 401, 403, 503 or (for an exception of your own `check`) 500,
 * destroys the socket and resolves to `false`. It never rejects.
 *
 * A browser sends its cookie along from any site's page: check `Origin` as well.
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
 * const mayUpgrade = verifyUpgrade(verifier);
 * const sockets = new WebSocketServer({ noServer: true });
 *
 * createServer().on("upgrade", async (request, socket, head) => {
 *   if (!(await mayUpgrade(request, socket))) return;
 *   sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
 * });
 * ```
 */
export function verifyUpgrade<T>(
  verifier: RequestVerifier<T>,
  options?: AccessOptions<IncomingMessage>,
): (request: UpgradeRequest<T>, socket: Duplex) => Promise<boolean> {
  const gate = createGate<T, IncomingMessage>(verifier, options);
  return async (request, socket) => {
    // Node has taken its own listeners off: a client that goes away now would end the process.
    const ignore = (): void => {};
    socket.on("error", ignore);
    const { access, rejection } = await gate(request, nodePath(request));
    if (rejection === undefined) {
      request.access = access;
      socket.off("error", ignore);
      return !socket.destroyed;
    }
    if (rejection.isFault) console.error(rejection.error);
    refuse(socket, rejection);
    return false;
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
