import type { IncomingMessage } from "node:http";

/** As long as nginx reads on (its `lingering_time`). */
const LONGEST_MS = 30_000;

/**
 * Reads the rest of a request and drops it. Otherwise a client that reads the answer only after its upload
 * would wait forever. A client that sends for longer than the limit is cut off (RFC 9112 section 9.6).
 */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  const timer = setTimeout(() => request.socket.destroy(), LONGEST_MS);
  for (const event of ["end", "close"]) request.once(event, () => clearTimeout(timer));
  request.unpipe();
  request.resume();
}
