import { Agent, type ClientRequest, type IncomingMessage, request as send } from "node:http";
import type { Duplex } from "node:stream";
import { type Field, flat } from "./fields.ts";

/** The server that gets the requests, and the open connections to it. */
export interface Target {
  readonly url: URL;
  /** How long to wait for the beginning of an answer; 0 means no limit. */
  readonly timeoutMs: number;
  readonly pool: Agent;
}

/**
 * Longer than the pause between two requests of one page, and shorter than a server keeps an idle
 * connection: the shortest time of common servers is two seconds.
 */
const IDLE_MS = 1000;

/** @param timeoutSeconds how long to wait for the beginning of an answer; by default there is no limit */
export function createTarget(url: URL, timeoutSeconds = 0): Target {
  return { url, timeoutMs: timeoutSeconds * 1000, pool: new Pool() };
}

/**
 * Idle connections. If data arrives on one without a request, it is closed, because the data would be
 * taken as the answer to the next request.
 */
class Pool extends Agent {
  constructor() {
    super({ keepAlive: true, timeout: IDLE_MS, scheduling: "lifo" });
  }

  override keepSocketAlive(socket: Duplex): boolean {
    socket.once("data", endConnection);
    // The type says void, but it returns whether to keep the connection.
    return super.keepSocketAlive(socket) as unknown as boolean;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off("data", endConnection);
    super.reuseSocket(socket, request);
  }
}

function endConnection(this: Duplex): void {
  this.destroy();
}

/**
 * Creates the request to the target. It is not sent yet.
 *
 * @param isPooled whether it may use a kept connection, and keep it for others afterwards
 */
export function toward(
  { url: { hostname, port }, timeoutMs, pool }: Target,
  { method, url }: IncomingMessage,
  fields: readonly Field[],
  isPooled: boolean,
): ClientRequest {
  return send({
    host: hostname.replace(/[[\]]/g, ""),
    port: port || 80,
    method,
    path: url,
    headers: flat(fields),
    agent: isPooled ? pool : false,
    // This limit also applies while it connects.
    timeout: timeoutMs,
    insecureHTTPParser: false,
  });
}
