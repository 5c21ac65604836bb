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
 * The Access tokens of a request, in the order in which to try them: the `Cf-Access-Jwt-Assertion`
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
  return accessTokensIn(headersOf(headers));
}

/** The same, of headers that were found before. */
export function accessTokensIn(headers: HeadersLike): readonly string[] {
  const assertion = headers.get(ASSERTION) ?? undefined;
  if (assertion !== undefined) {
    const [first, ...others] = assertion.includes(",") ? assertion.split(",") : [assertion];
    const token = trim(first as string);
    // Several fields of one name arrive joined by commas (RFC 9110 section 5.3).
    if (others.some((value) => trim(value) !== token)) {
      throw new TokenError("token_malformed", { part: "token" });
    }
    return [token];
  }
  const found: string[] = [];
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    // Names have a case (RFC 6265 section 5.4).
    if (equals === -1 || trim(pair.slice(0, equals)) !== COOKIE) continue;
    const value = trim(pair.slice(equals + 1));
    // An emptied cookie is one that was deleted.
    if (value !== "" && !found.includes(value)) found.push(value);
    if (found.length === MAX_COOKIES) break;
  }
  return found;
}

/** Spaces and tabs around a value are not part of it (RFC 9110 section 5.6.3); any others are. */
function trim(value: string): string {
  let start = 0;
  let end = value.length;
  // Out of range, `charCodeAt` gives NaN, which ends the loop.
  while (isPadding(value.charCodeAt(start))) start++;
  while (isPadding(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The token of `Authorization: Bearer` (RFC 6750 section 2.1), for issuers other than Access. */
export function readBearerToken(headers: HeadersLike): string | undefined {
  // Without the header this reads "null", which is no token.
  return /^bearer +([^\s,]+)$/i.exec(String(headers.get("authorization")))?.[1];
}

/**
 * One way to read every shape of request.
 *
 * @throws {TypeError} when it is none
 */
export function headersOf(request: RequestLike): HeadersLike {
  const given: object = Object(request);
  // An event is JSON, so its members are its own. A request of Node's has a long chain of classes.
  const lists = own(given, "multiValueHeaders");
  const multiple = isJsonObject(lists) ? lists : undefined;
  const headers = part(given, "headers") ?? multiple;
  // Express and Koa requests have a `get` of their own next to their headers.
  const source = headers ?? given;
  const answers = typeof member(source, "get") === "function";
  if (headers === undefined) requireHeaders(request, given, answers);
  // Headers that were not awaited are a promise: without this check the request would seem to have no token.
  else if (member(headers, "then")) requireHeaders(headers, headers, answers);
  if (answers) return source as HeadersLike;
  // Where a gateway gives both, only the lists have every value.
  const fields = multiple === undefined ? source : { ...source, ...multiple };
  // Only next to headers: a client may send a header of that name.
  const cookies = headers && own(given, "cookies");
  return {
    get(given) {
      const name = given.toLowerCase();
      const value = search(fields, name);
      if (name !== "cookie" || !Array.isArray(cookies)) return value;
      return search({ cookie: value === null ? cookies : [value, ...cookies] }, name);
    },
  };
}

/** A member that is an object. A header of that name would be a string or a list. */
function part(object: object, name: string): object | undefined {
  const value = member(object, name);
  return isJsonObject(value) ? value : undefined;
}

/** Headers are a literal, or have a `get`. A context of Hono has one too, and holds its request. */
function requireHeaders(request: unknown, given: object, answers: boolean): void {
  const make = member(given, "constructor");
  const isOfClass = typeof make === "function";
  const isHeaders = request === given && (answers || !isOfClass);
  // Events of AWS without any headers: CloudFront's is a list, and a gateway may write `null`.
  const isEvent = own(given, "headers") === null || part(Object(own(given, "Records")), "0");
  if (isHeaders && !isEvent && !part(given, "request") && !part(given, "req")) return;
  const type = isOfClass ? make.name : isHeaders ? "an object without headers" : request;
  throw new TypeError(
    `request must be a request or its headers (await headers(), c.req.raw, event.request), got ${type}`,
  );
}

/** Own properties, without case; several values are joined as on the wire. */
function search(fields: object, name: string): string | null {
  let found: string | null = null;
  for (const key of Object.keys(fields)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    const value = (fields as Record<string, unknown>)[key];
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      const text = textOf(item);
      // A value that is not a string cannot be a token: joined with others, it is refused.
      const next = typeof text === "string" ? text : "";
      found = found === null ? next : `${found}${name === "cookie" ? "; " : ", "}${next}`;
    }
  }
  return found;
}

/** CloudFront lists each value next to its name. A value that cannot be read is no text. */
function textOf(item: unknown): unknown {
  try {
    return isJsonObject(item) ? own(item, "value") : item;
  } catch {
    return undefined;
  }
}
