import type { IncomingMessage } from "node:http";
import { type Refusal, requestFault, upgradeFault } from "../proxy/request-fault.ts";

/** The reason to refuse any request, for example for a DNS name that was rebound to this machine. */
export function refusal(request: IncomingMessage, port: number): Refusal | undefined {
  const fault = requestFault(request);
  if (fault !== undefined) return fault;
  return isOwnHost(request.headers.host ?? "", port)
    ? undefined
    : { status: 421, reason: `This server answers only for 127.0.0.1:${port}.` };
}

/**
 * The reason to refuse an upgrade: it is not a WebSocket (RFC 6455 section 4.1), or a page of another
 * origin opens it with this browser's cookie.
 */
export function upgradeRefusal(request: IncomingMessage): Refusal | undefined {
  const { method, headers } = request;
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, reason: "The only supported upgrade is to websocket." };
  }
  if (method !== "GET") return { status: 400, reason: "A WebSocket must begin with a GET." };
  // Clients that are not browsers may leave Origin out.
  if (headers.origin !== undefined && !isSameOrigin(request)) {
    return { status: 403, reason: "The Origin of a WebSocket must be this server." };
  }
  return upgradeFault(request);
}

/** Whether the request comes from a page of the same host (RFC 6454 section 7). */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === `http://${headers.host?.toLowerCase()}`;
}

/**
 * Returns the path to open after the log-in: the given path of this origin, else "/". It accepts only
 * printable characters, and no backslash, which some parsers read as a slash.
 */
export function ownPath(text: string | null): string {
  if (text === null || text.length > 4096 || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(text)) {
    return "/";
  }
  const { origin, pathname } = new URL(text, "http://127.0.0.1");
  // Never back to the log-in or the log-out page.
  if (origin !== "http://127.0.0.1" || pathname.startsWith("/cdn-cgi/access/")) return "/";
  return text;
}

function isOwnHost(host: string, port: number): boolean {
  // Every name below "localhost" is this machine (RFC 6761 section 6.3).
  const [, name, given] = /^(127\.0\.0\.1|(?:[a-z\d-]+\.)*localhost)(?::(\d+))?$/i.exec(host) ?? [];
  return name !== undefined && (given ?? "80") === String(port);
}
