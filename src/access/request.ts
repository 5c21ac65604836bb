import { mistake } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import { member } from "../own.ts";

/** Headers by name: a `Headers` object, or anything that answers like one. */
export interface HeadersLike {
  get(name: string): string | null;
}

/** Headers as Node gives them, and as a test writes them. */
export type PlainHeaders = {
  readonly [name: string]: string | readonly string[] | undefined;
};

/** A web `Request`, `Headers`, Node's `IncomingMessage`, or a plain object of headers. */
export type RequestLike =
  | HeadersLike
  | PlainHeaders
  | { readonly headers: HeadersLike | PlainHeaders };

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
  if (typeof request !== "object" || request === null) {
    throw mistake("request", "a request or its headers", request);
  }
  // Express and Koa requests have a `get` of their own beside their headers.
  const headers = member(request, "headers");
  const source = typeof headers === "object" && headers !== null ? headers : request;
  if (typeof member(source, "get") === "function") return source as HeadersLike;
  return { get: (name) => searchPlain(source as PlainHeaders, name) };
}

/** Own properties only, without case; several values are joined as on the wire. */
function searchPlain(headers: PlainHeaders, name: string): string | null {
  const wanted = name.toLowerCase();
  const found: string[] = [];
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== wanted || value === undefined || value === null) continue;
    // A value that is no string spells no token: joined, it is refused.
    for (const item of Array.isArray(value) ? value : [value]) {
      found.push(typeof item === "string" ? item : "");
    }
  }
  return found.length === 0 ? null : found.join(wanted === "cookie" ? "; " : ", ");
}
