import type { IncomingMessage } from "node:http";
import { fieldsOf, hasBody, values } from "./fields.ts";

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Above twice this number Node stops reading names, so fields about the body could be overlooked. */
const MAX_FIELDS = 1000;

/** Whether a message has more than `MAX_FIELDS` fields. */
export function hasTooManyFields({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * MAX_FIELDS;
}

/**
 * Returns why to refuse a request: it names two hosts, its target is a full URL (RFC 9112 section 3.2.2),
 * or two programs could disagree about its body (RFC 9112 section 6.1). Node's parser refuses the rest.
 */
export function requestFault(request: IncomingMessage): Refusal | undefined {
  if (hasTooManyFields(request)) return { status: 431, reason: "There are too many fields." };
  // Node reads a request line without a version as HTTP/0.9, which has no fields.
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
    return { status: 501, reason: "The only supported transfer coding is chunked." };
  }
  return request.httpVersion === "1.1"
    ? undefined
    : { status: 400, reason: "HTTP/1.0 has no transfer codings." };
}

/**
 * Returns why to refuse an upgrade. It must not name several protocols. It must not be to HTTP/2 or TLS,
 * where further requests are not checked. It must have no body, which could hide a request (RFC 9110
 * section 7.8).
 */
export function upgradeFault(request: IncomingMessage): Refusal | undefined {
  const protocol = request.headers.upgrade ?? "";
  if (!/^[\w.!#$%&'*+^`|~/-]+$/.test(protocol) || /^(?:h\d|https?\b|tls\b)/i.test(protocol)) {
    return { status: 400, reason: "An upgrade to this protocol is not supported." };
  }
  return request.httpVersion === "1.1" && !hasBody(request)
    ? undefined
    : { status: 400, reason: "An upgrade must be an HTTP/1.1 request without a body." };
}
