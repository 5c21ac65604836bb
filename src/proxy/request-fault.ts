import type { IncomingMessage } from "node:http";
import { fieldsOf, hasBody, values } from "./fields.ts";

/** Why a request goes no further. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Beyond twice as many Node stops to look at names, and framing fields could hide among the rest. */
const MAX_FIELDS = 1000;

/** Whether a message has more fields than are all looked at. */
export function hasTooManyFields({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * MAX_FIELDS;
}

/**
 * What no request may be: for two hosts, for another origin's resource (RFC 9112
 * section 3.2.2), or framed in a way that two readers could take differently (RFC 9112 section 6.1;
 * Node's parser refuses the rest).
 */
export function requestFault(request: IncomingMessage): Refusal | undefined {
  if (hasTooManyFields(request)) return { status: 431, reason: "There are too many fields." };
  // Node reads a request line without a version as HTTP/0.9, with fields that version does not have.
  if (!/^1\.[01]$/.test(request.httpVersion)) {
    return { status: 505, reason: "The version must be HTTP/1.1 or HTTP/1.0." };
  }
  if (values(fieldsOf(request.rawHeaders), "host").length > 1) {
    return { status: 400, reason: "There is more than one Host field." };
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

/**
 * No upgrade may be to several protocols. None may be to HTTP/2 or TLS, where nothing would check further
 * requests. None may have a body, in which a request could hide (RFC 9110 section 7.8).
 */
export function upgradeFault(request: IncomingMessage): Refusal | undefined {
  const protocol = request.headers.upgrade ?? "";
  if (!/^[\w.!#$%&'*+^`|~/-]+$/.test(protocol) || /^(?:h\d|https?\b|tls\b)/i.test(protocol)) {
    return { status: 400, reason: "There is no upgrade to this protocol." };
  }
  return request.httpVersion === "1.1" && !hasBody(request)
    ? undefined
    : { status: 400, reason: "An upgrade is a request of HTTP/1.1 without a body." };
}
