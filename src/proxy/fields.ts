import type { IncomingMessage } from "node:http";

/** A header or trailer field: name and value. */
export type Field = readonly [name: string, value: string];

/** Whether only this proxy may set a field of this name. */
export type Reserved = (name: string) => boolean;

/** Fields for one connection, in addition to those that `Connection` names (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Fields that are useless or dangerous after the headers were read (RFC 9110 section 6.5.1). */
const NEVER_TRAILER = new Set([
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "max-forwards",
  "range",
  "set-cookie",
  "www-authenticate",
]);

/** Groups Node's flat list of names and values into fields. */
export function fieldsOf(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    fields.push([String(raw[at]), String(raw[at + 1])]);
  return fields;
}

/** The flat list that Node takes. It can contain a name several times. */
export function flat(fields: readonly Field[]): string[] {
  return fields.flat();
}

/** Returns all values of a field. `wanted` is in lower case. */
export function values(fields: readonly Field[], wanted: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

/** The fields of a message for the next hop, without those for this connection. */
export function endToEnd(raw: readonly string[]): Field[] {
  const fields = fieldsOf(raw);
  const named = values(fields, "connection").flatMap((value) =>
    value
      .toLowerCase()
      .split(",")
      .map((token) => token.trim()),
  );
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}

/** The trailer fields that may be forwarded (RFC 9110 section 6.5.1). */
export function trailers(raw: readonly string[], isReserved: Reserved): [string, string][] {
  return endToEnd(raw)
    .filter(([name]) => mayTrail(name, isReserved))
    .map(([name, value]) => [name, value]);
}

/** The field `Trailer`, for a chunked body with trailers. */
export function announced(trailer: string | undefined, isReserved: Reserved): Field[] {
  const names = (trailer ?? "").split(",").map((name) => name.trim());
  const allowed = names.filter((name) => name !== "" && mayTrail(name, isReserved));
  return allowed.length === 0 ? [] : [["Trailer", allowed.join(", ")]];
}

function mayTrail(name: string, isReserved: Reserved): boolean {
  const lower = name.toLowerCase();
  return !NEVER_TRAILER.has(lower) && !HOP_BY_HOP.has(lower) && !isReserved(name);
}

/** Whether the client waits for "100 Continue". HTTP/1.0 has no interim responses (RFC 9110 section 15.2). */
export function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" && headers.expect !== undefined;
}

/** Whether a message has a body, which may be empty (RFC 9112 section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** The fields that describe how the body is sent. Each hop sets its own (RFC 9112 section 6). */
export function framing(request: IncomingMessage, isReserved: Reserved): Field[] {
  const { headers, method } = request;
  const length = headers["content-length"];
  const fields: Field[] = [];
  // Trailers can be forwarded, so tell the target that the client accepts them (RFC 9110 section 10.1.4).
  if (/(?:^|,)\s*trailers\s*(?:$|[,;])/i.test(String(headers.te ?? ""))) {
    fields.push(["TE", "trailers"], ["Connection", "keep-alive, TE"]);
  }
  if (headers["transfer-encoding"] !== undefined) {
    fields.push(["Transfer-Encoding", "chunked"], ...announced(headers.trailer, isReserved));
  } else if (length !== undefined) {
    fields.push(["Content-Length", length]);
  } else if (/^(?:POST|PUT|PATCH)$/.test(method ?? "")) {
    // These methods usually have a body, so say that there is none (RFC 9110 section 8.6).
    fields.push(["Content-Length", "0"]);
  }
  return fields;
}
