import type { IncomingMessage } from "node:http";
import { type Refusal, upgradeFault } from "../proxy/request-fault.ts";
import { isSameOrigin } from "./own-origin.ts";

/**
 * What an upgrade may not be: anything but a WebSocket (RFC 6455 section 4.1), or a WebSocket that a
 * page of another origin opens with this browser's cookie.
 */
export function upgradeRefusal(request: IncomingMessage): Refusal | undefined {
  const fault = upgradeFault(request);
  if (fault !== undefined) return fault;
  const { method, headers } = request;
  if (headers.upgrade?.toLowerCase() !== "websocket" || method !== "GET") {
    return { status: 400, reason: "The only upgrade is a GET to websocket." };
  }
  // Whoever is no browser need not send one.
  if (headers.origin !== undefined && !isSameOrigin(request)) {
    return { status: 403, reason: "The Origin of a WebSocket must be this server." };
  }
  return undefined;
}
