import type { IncomingMessage } from "node:http";
import { type Refusal, requestFault } from "../proxy/request-fault.ts";

/**
 * What no request may be, whatever it asks for: for another host (a DNS name rebound to this machine),
 * or what no proxy passes on.
 */
export function refusal(request: IncomingMessage, port: number): Refusal | undefined {
  const fault = requestFault(request);
  if (fault !== undefined) return fault;
  return isOwnHost(request.headers.host ?? "", port)
    ? undefined
    : { status: 421, reason: `This is 127.0.0.1:${port} and nothing else.` };
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
