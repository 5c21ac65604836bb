import type { IncomingMessage } from "node:http";

/** A header or trailer field: name and value. */
export type Field = readonly [name: string, value: string];

/** Says of a field's name that only this proxy may use it. */
export type Reserved = (name: string) => boolean;

/** Fields that are for one connection only, in addition to those that `Connection` names (RFC 9110 section 7.6.1). */
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

/** Fields that mean nothing, or too much, once the head has been read (RFC 9110 section 6.5.1). */
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

/** Node's flat list of names and values, two by two. */
export function fieldsOf(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    fields.push([String(raw[at]), String(raw[at + 1])]);
  return fields;
}

/** As Node takes them, several of one name included. */
export function flat(fields: readonly Field[]): string[] {
  // A loop: `fields.flat()` takes 1 µs for six fields.
  const list: string[] = [];
  for (const [name, value] of fields) list.push(name, value);
  return list;
}

/** Every value under a name, which is in lower case. */
export function values(fields: readonly Field[], wanted: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

/** The fields of a message for the next hop: what was for this connection is gone. */
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

/** Trailer fields that may pass (RFC 9110 section 6.5.1). */
export function trailers(raw: readonly string[], isReserved: Reserved): [string, string][] {
  return endToEnd(raw)
    .filter(([name]) => mayTrail(name, isReserved))
    .map(([name, value]) => [name, value]);
}

/** `Trailer`, for a body in chunks that ends with some. */
export function announced(trailer: string | undefined, isReserved: Reserved): Field[] {
  const names = (trailer ?? "").split(",").map((name) => name.trim());
  const allowed = names.filter((name) => name !== "" && mayTrail(name, isReserved));
  return allowed.length === 0 ? [] : [["Trailer", allowed.join(", ")]];
}

function mayTrail(name: string, isReserved: Reserved): boolean {
  const lower = name.toLowerCase();
  return !NEVER_TRAILER.has(lower) && !HOP_BY_HOP.has(lower) && !isReserved(name);
}

/** HTTP/1.0 knows no interim response (RFC 9110 section 15.2). */
export function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" && headers.expect !== undefined;
}

/** Whether a message has a body, be it of no bytes (RFC 9112 section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** What is told anew, because it is each hop's own matter: how the body is sent (RFC 9112 section 6). */
export function framing(request: IncomingMessage, isReserved: Reserved): Field[] {
  const { headers, method } = request;
  const length = headers["content-length"];
  const fields: Field[] = [];
  // Trailers can be handed on, so the target may know that they are welcome (RFC 9110 section 10.1.4).
  if (/(?:^|,)\s*trailers\s*(?:$|[,;])/i.test(String(headers.te ?? ""))) {
    fields.push(["TE", "trailers"], ["Connection", "keep-alive, TE"]);
  }
  if (headers["transfer-encoding"] !== undefined) {
    fields.push(["Transfer-Encoding", "chunked"], ...announced(headers.trailer, isReserved));
  } else if (length !== undefined) {
    fields.push(["Content-Length", length]);
  } else if (/^(?:POST|PUT|PATCH)$/.test(method ?? "")) {
    // No body at all, where one is usual (RFC 9110 section 8.6).
    fields.push(["Content-Length", "0"]);
  }
  return fields;
}
