import type { IncomingMessage } from "node:http";
import { fieldsOf } from "./fields.ts";

/** Why a request is not answered at all. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * What no request may be, whatever it asks for: for another host (a DNS name rebound to this machine),
 * for another origin's resource (RFC 9112 section 3.2.2), or framed in a way that two readers could
 * take differently (RFC 9112 section 6.1; Node's parser refuses the rest).
 */
export function refusal(request: IncomingMessage, port: number): Refusal | undefined {
  const hosts = fieldsOf(request.rawHeaders).filter(([name]) => name.toLowerCase() === "host");
  if (hosts.length > 1) return { status: 400, reason: "There is more than one Host field." };
  if (!isOwnHost(hosts[0]?.[1] ?? "", port)) {
    return { status: 421, reason: `This is 127.0.0.1:${port} and nothing else.` };
  }
  if (request.url?.startsWith("/") !== true) {
    return { status: 400, reason: "The request target must be a path." };
  }
  const coding = request.headers["transfer-encoding"];
  if (coding === undefined) return undefined;
  if (coding.toLowerCase() !== "chunked") {
    return { status: 501, reason: "The only transfer coding is chunked." };
  }
  return request.httpVersion === "1.1"
    ? undefined
    : { status: 400, reason: "HTTP/1.0 has no transfer codings." };
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
