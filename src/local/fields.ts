import type { IncomingMessage } from "node:http";
import type { Session } from "./sessions.ts";

/** A header or trailer field: name and value. */
export type Field = readonly [name: string, value: string];

/** Fields that are for one connection only, beside those that `Connection` names (RFC 9110 section 7.6.1). */
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

/** What the edge says of a request itself, so that nobody else may say it. */
const EDGE =
  /^(?:cf[-_](?:access|connecting)[-_]|x[-_]forwarded[-_](?:host|proto|port)$|forwarded$)/;

/** How the emulator names itself in `Via` (RFC 9110 section 7.6.3). */
export const PSEUDONYM = "postern-local";

/** Node's flat list of names and values, two by two. */
export function fieldsOf(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    fields.push([String(raw[at]), String(raw[at + 1])]);
  return fields;
}

/** As Node takes them, several of one name included. */
export function flat(fields: readonly Field[]): string[] {
  return fields.flat();
}

/** Trailer fields that may pass (RFC 9110 section 6.5.1). */
export function trailers(raw: readonly string[]): [string, string][] {
  return endToEnd(raw)
    .filter(([name]) => mayTrail(name))
    .map(([name, value]) => [name, value]);
}

/** The fields of a response for the next hop. */
export function endToEnd(raw: readonly string[]): Field[] {
  const fields = fieldsOf(raw);
  const named = fields
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(",")
        .map((token) => token.trim()),
    );
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}

/**
 * The fields of a request as the edge hands it to the application: what was for this connection is
 * gone, what only the edge may say is replaced by what it says. In this order, so that a client's
 * `Connection` names nothing that is added.
 */
export function toApplication(request: IncomingMessage, session: Session | undefined): Field[] {
  const passed = endToEnd(request.rawHeaders).filter(([name]) => !isEdge(name));
  const kept = passed.filter(([name]) => !REPLACED.has(name.toLowerCase()));
  const host = request.headers.host ?? "";
  const client = request.socket.remoteAddress ?? "127.0.0.1";
  const added: Field[] = [
    ["Host", host],
    ["X-Forwarded-For", [...values(passed, "x-forwarded-for"), client].join(", ")],
    ["X-Forwarded-Host", host],
    ["X-Forwarded-Proto", "http"],
    ["CF-Connecting-IP", client],
    ["Via", [...values(passed, "via"), `${request.httpVersion} ${PSEUDONYM}`].join(", ")],
  ];
  const cookie = cookies(values(passed, "cookie"), session?.token);
  if (cookie !== "") added.push(["Cookie", cookie]);
  if (session !== undefined) added.push(["Cf-Access-Jwt-Assertion", session.token]);
  if (session?.email !== undefined) {
    added.push(["Cf-Access-Authenticated-User-Email", session.email]);
  }
  return [...kept, ...added];
}

const REPLACED = new Set(["host", "x-forwarded-for", "via", "cookie", "content-length", "expect"]);

/** HTTP/1.0 knows no interim response (RFC 9110 section 15.2). */
export function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" && headers.expect !== undefined;
}

/** What is told anew, because it is each hop's own matter: how the body is sent (RFC 9112 section 6). */
export function framing(request: IncomingMessage): Field[] {
  const { headers, method } = request;
  const length = headers["content-length"];
  const fields: Field[] = [];
  if (expectsContinue(request)) fields.push(["Expect", "100-continue"]);
  // Trailers can be handed on, so the application may know that they are welcome (RFC 9110 section 10.1.4).
  if (/(?:^|,)\s*trailers\s*(?:$|[,;])/i.test(String(headers.te ?? ""))) {
    fields.push(["TE", "trailers"], ["Connection", "close, TE"]);
  }
  if (headers["transfer-encoding"] !== undefined) {
    fields.push(["Transfer-Encoding", "chunked"], ...announced(headers.trailer));
  } else if (length !== undefined) {
    fields.push(["Content-Length", length]);
  } else if (/^(?:POST|PUT|PATCH)$/.test(method ?? "")) {
    // No body at all, where one is usual (RFC 9110 section 8.6).
    fields.push(["Content-Length", "0"]);
  }
  return fields;
}

/** `Trailer`, for a body in chunks that ends with some. */
export function announced(trailer: string | undefined): Field[] {
  const names = (trailer ?? "").split(",").map((name) => name.trim());
  const allowed = names.filter((name) => name !== "" && mayTrail(name));
  return allowed.length === 0 ? [] : [["Trailer", allowed.join(", ")]];
}

/** The client's cookies, with the one true token in place of whatever it sent under that name. */
function cookies(lines: readonly string[], token: string | undefined): string {
  const others = lines
    .flatMap((line) => line.split(";"))
    .map((pair) => pair.trim())
    // Some frameworks are careless about a name's case: then a second spelling would be a second token.
    .filter((pair) => pair !== "" && !/^cf_(?:authorization|binding)\s*(?:=|$)/i.test(pair));
  return [...(token === undefined ? [] : [`CF_Authorization=${token}`]), ...others].join("; ");
}

function mayTrail(name: string): boolean {
  const lower = name.toLowerCase();
  return !NEVER_TRAILER.has(lower) && !HOP_BY_HOP.has(lower) && !isEdge(name);
}

function isEdge(name: string): boolean {
  // A gateway that makes variables of fields cannot tell "-" from "_" (RFC 3875 section 4.1.18).
  return EDGE.test(name.toLowerCase());
}

function values(fields: readonly Field[], wanted: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
