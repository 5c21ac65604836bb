import { isJsonObject } from "../encoding/json.ts";
import { TokenError } from "../errors.ts";
import { member, own } from "../own.ts";

/** Headers by name: a `Headers` object, or anything that answers like one. */
export interface HeadersLike {
  get(name: string): string | null;
}

/** Headers as Node gives them, as a test writes them, and as CloudFront lists them. */
export type PlainHeaders = {
  readonly [name: string]:
    | string
    | readonly string[]
    | readonly { readonly value: string }[]
    | undefined;
};

/** A request as AWS hands it to a function: API Gateway, function URLs, load balancers. */
export interface GatewayEvent {
  readonly headers?: PlainHeaders | null | undefined;
  readonly multiValueHeaders?: PlainHeaders | null | undefined;
  /** Payload format 2.0 takes cookies out of the headers. */
  readonly cookies?: readonly string[] | undefined;
}

/**
 * A web `Request`, `Headers`, Node's `IncomingMessage`, an event of AWS, or a plain object of headers.
 * Of CloudFront's event it is the request in it.
 */
export type RequestLike =
  | HeadersLike
  | PlainHeaders
  | { readonly headers: HeadersLike | PlainHeaders }
  | GatewayEvent;

const ASSERTION = "cf-access-jwt-assertion";
const COOKIE = "CF_Authorization";
const MAX_COOKIES = 8;

/**
 * The Access tokens of a request, in the order they are to be tried: the `Cf-Access-Jwt-Assertion`
 * header alone if there is one, even empty; else the cookies named exactly `CF_Authorization`, at
 * most 8. No other header, cookie or parameter is proof of anything.
 *
 * @param headers the headers of a request, or the request itself
 * @throws {TokenError} `token_malformed` when the header is there several times and not the same
 * @throws {TypeError} when it is neither a request nor headers
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 *
 * @example
 * ```ts
 * import { readAccessToken } from "postern";
 *
 * const [token] = readAccessToken({ "cf-access-jwt-assertion": "eyJhbGciOi…" });
 * ```
 */
export function readAccessToken(headers: RequestLike): readonly string[] {
  const read = headersOf(headers);
  const assertion = read.get(ASSERTION) ?? undefined;
  if (assertion !== undefined) {
    // Several fields of one name arrive joined by commas (RFC 9110 section 5.3).
    const [first = "", ...others] = assertion.split(",").map(trim);
    if (others.some((value) => value !== first)) {
      throw new TokenError("token_malformed", { part: "token" });
    }
    return [first];
  }
  const found = new Set<string>();
  for (const pair of (read.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    const value = trim(pair.slice(equals + 1));
    // Names have a case (RFC 6265 section 5.4), and an emptied cookie is one that was deleted.
    if (equals < 0 || trim(pair.slice(0, equals)) !== COOKIE || value === "") continue;
    found.add(value);
    if (found.size === MAX_COOKIES) break;
  }
  return [...found];
}

/** Spaces and tabs around a value are not part of it (RFC 9110 section 5.6.3); any others are. */
function trim(value: string): string {
  let start = 0;
  let end = value.length;
  // Past either end stands NaN.
  while (isPadding(value.charCodeAt(start))) start++;
  while (isPadding(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The token of `Authorization: Bearer` (RFC 6750 section 2.1), for issuers other than Access. */
export function readBearerToken(headers: HeadersLike): string | undefined {
  return /^bearer +([^\s,]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/**
 * One way to read every shape of request.
 *
 * @throws {TypeError} when it is none
 */
export function headersOf(request: RequestLike): HeadersLike {
  const given: object = Object(request);
  const multiple = part(given, "multiValueHeaders");
  const headers = part(given, "headers") ?? multiple;
  // Express and Koa requests have a `get` of their own beside their headers.
  const source = headers ?? given;
  const answers = typeof member(source, "get") === "function";
  if (headers === undefined) requireHeaders(request, given, answers);
  if (answers) return source as HeadersLike;
  // Where a gateway gives both, only the lists have every value.
  const fields = Object.entries({ ...source, ...multiple });
  // Only beside headers: a client may give a header of its own that name.
  const cookies = headers && own(given, "cookies");
  if (Array.isArray(cookies)) fields.push(["cookie", cookies]);
  return { get: (name) => searchPlain(fields, name) };
}

/** An object in an object or its class. A header of that name would be a string, or a list. */
function part(object: object, name: string): object | undefined {
  const value = member(object, name);
  return isJsonObject(value) ? value : undefined;
}

/** Headers are a literal, or have a `get`; but so has a context of Hono's, which holds its request. */
function requireHeaders(request: unknown, given: object, answers: boolean): void {
  const make = member(given, "constructor");
  const isOfClass = typeof make === "function";
  const isHeaders = request === given && (answers || !isOfClass);
  if (isHeaders && !part(given, "request") && !part(given, "req")) return;
  const type = isOfClass ? make.name : isHeaders ? "object" : request;
  throw new TypeError(
    `request must be a request or its headers (await headers(), c.req.raw, event.request), got ${type}`,
  );
}

/** Without case; several values are joined as on the wire. */
function searchPlain(fields: readonly [string, unknown][], name: string): string | null {
  const wanted = name.toLowerCase();
  const found: string[] = [];
  for (const [key, value] of fields) {
    if (key.toLowerCase() !== wanted || value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      const text = textOf(item);
      // A value that is no string spells no token: joined, it is refused.
      found.push(typeof text === "string" ? text : "");
    }
  }
  return found.length === 0 ? null : found.join(wanted === "cookie" ? "; " : ", ");
}

/** CloudFront lists each value with the name as it was sent. What cannot be read is no text. */
function textOf(item: unknown): unknown {
  try {
    return isJsonObject(item) ? own(item, "value") : item;
  } catch {
    return undefined;
  }
}
