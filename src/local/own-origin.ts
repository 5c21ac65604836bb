import type { IncomingMessage } from "node:http";
import { type Refusal, requestFault, upgradeFault } from "../proxy/request-fault.ts";

/** What no request may be, whatever it asks for: among others, for a DNS name rebound to this machine. */
export function refusal(request: IncomingMessage, port: number): Refusal | undefined {
  const fault = requestFault(request);
  if (fault !== undefined) return fault;
  return isOwnHost(request.headers.host ?? "", port)
    ? undefined
    : { status: 421, reason: `This is 127.0.0.1:${port} and nothing else.` };
}

/**
 * What an upgrade may not be: anything but a WebSocket (RFC 6455 section 4.1), or a WebSocket that a
 * page of another origin opens with this browser's cookie.
 */
export function upgradeRefusal(request: IncomingMessage): Refusal | undefined {
  const { method, headers } = request;
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, reason: "The only upgrade is to websocket." };
  }
  if (method !== "GET") return { status: 400, reason: "A WebSocket begins with a GET." };
  // A client that is no browser does not have to send one.
  if (headers.origin !== undefined && !isSameOrigin(request)) {
    return { status: 403, reason: "The Origin of a WebSocket must be this server." };
  }
  return upgradeFault(request);
}

/** Whether the page that made the request is of the host that it asked (RFC 6454 section 7). */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === `http://${headers.host?.toLowerCase()}`;
}

/**
 * Where to go after the log-in: a path of this very origin, else "/". What is not printable, and the
 * backslash that some parsers take for a slash, is in no such path.
 */
export function ownPath(text: string | null): string {
  if (text === null || text.length > 4096 || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(text)) {
    return "/";
  }
  const { origin, pathname } = new URL(text, "http://127.0.0.1");
  // Back to the log-in or the log-out is no way forward.
  if (origin !== "http://127.0.0.1" || pathname.startsWith("/cdn-cgi/access/")) return "/";
  return text;
}

function isOwnHost(host: string, port: number): boolean {
  // Every name below "localhost" is this machine's own (RFC 6761 section 6.3).
  const [, name, given] = /^(127\.0\.0\.1|(?:[a-z\d-]+\.)*localhost)(?::(\d+))?$/i.exec(host) ?? [];
  return name !== undefined && (given ?? "80") === String(port);
}
