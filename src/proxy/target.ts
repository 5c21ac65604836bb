import { Agent, type ClientRequest, type IncomingMessage, request as send } from "node:http";
import type { Duplex } from "node:stream";
import { type Field, flat } from "./fields.ts";

/** Where requests go on to, and the connections that are open to it. */
export interface Target {
  readonly url: URL;
  /** How long it may be silent before its answer begins; 0 is for ever. */
  readonly timeoutMs: number;
  readonly pool: Agent;
}

/**
 * Longer than a connection rests between two requests of one page, and shorter than any server keeps
 * an idle one: two seconds are the least among the common ones.
 */
const IDLE_MS = 1000;

/** @param timeoutSeconds how long it may be silent before its answer begins; for ever unless given */
export function createTarget(url: URL, timeoutSeconds = 0): Target {
  return { url, timeoutMs: timeoutSeconds * 1000, pool: new Pool() };
}

/**
 * Connections that wait for their next request. One on which something comes unasked is ended: it would
 * pass for the answer to another client's request.
 */
class Pool extends Agent {
  constructor() {
    super({ keepAlive: true, timeout: IDLE_MS, scheduling: "lifo" });
  }

  override keepSocketAlive(socket: Duplex): boolean {
    socket.once("data", endConnection);
    // Typed as if it returned nothing; "no" means that the connection ends.
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
 * The request as the target gets it, not yet sent.
 *
 * @param isPooled whether it may take a connection that has served another, and leave it to a third
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
    // While it connects as well.
    timeout: timeoutMs,
    insecureHTTPParser: false,
  });
}
