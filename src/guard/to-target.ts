import type { IncomingMessage } from "node:http";
import { foldedName } from "../http/field-name.ts";
import { endToEnd, type Field, values } from "../proxy/fields.ts";
import type { App, Apps } from "./apps.ts";
import type { Verdict } from "./decide.ts";

/** Names of fields that tell an application who the caller is, folded. Only the guard may use them. */
const IDENTITY =
  /^(?:x-auth-request-.*|x-forwarded-(?:user|email|groups|preferred-username)|remote-(?:user|name|email|groups)|cf-access-authenticated-user-email)$/;

/**
 * Names whose other spellings would be the same field to some applications: they are passed in their own
 * spelling or not at all.
 */
const NO_ALIAS =
  /^(?:cf-.*|x-forwarded-.*|x-real-ip|forwarded|host|content-length|content-type|transfer-encoding|connection|upgrade|expect|te|trailer|cookie|authorization)$/;

/** Set by the guard or by the framing, or dangerous: CGI makes `HTTP_PROXY` of `Proxy`. */
const REPLACED = new Set([
  "host",
  "content-length",
  "expect",
  "proxy",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "cf-access-jwt-assertion",
  // Access accepts a token in it, but the guard does not look at it.
  "cf-access-token",
]);

/** Whether no client may say this, in whichever spelling. */
export function isReserved({ identityNames }: Apps, name: string): boolean {
  const folded = foldedName(name);
  if (IDENTITY.test(folded) || identityNames.has(folded)) return true;
  return folded !== name.toLowerCase() && NO_ALIAS.test(folded);
}

/**
 * The same for a trailer: a server that adds trailers to the head (RFC 9110 section 6.5.1) would believe it
 * what the guard has looked at, or set, in the head alone.
 */
export function isReservedInTrailer(apps: Apps, name: string): boolean {
  const folded = foldedName(name);
  return isReserved(apps, name) || NO_ALIAS.test(folded) || REPLACED.has(folded);
}

/**
 * The fields of a request as its application gets them: what was for this connection is gone, then what
 * no client may say, and then the guard says it. In this order, so that a client's `Connection` names
 * nothing that is added.
 */
export function toTarget(
  apps: Apps,
  app: App,
  request: IncomingMessage,
  verdict: Verdict,
): Field[] {
  const { access } = verdict;
  const passed = endToEnd(request.rawHeaders).filter(([name]) => !isReserved(apps, name));
  const first = (name: string): string | undefined => values(passed, name)[0];
  // A token that was not verified proves nothing, and the application may believe it.
  const token = access && !apps.settled.stripToken ? app.tokenOf(request, access) : undefined;
  const fields: Field[] = [];
  for (const [name, value] of passed) {
    const lower = name.toLowerCase();
    if (REPLACED.has(lower)) continue;
    const kept = lower === "cookie" ? withToken(value, token) : value;
    if (lower !== "cookie" || kept !== "") fields.push([name, kept]);
  }
  const { host } = request.headers;
  const { remoteAddress } = request.socket;
  const client = remoteAddress === undefined ? [] : [remoteAddress];
  const hops = [...values(passed, "x-forwarded-for"), ...client];
  // HTTP/1.0 needs none, but the request to the target is HTTP/1.1 (RFC 9112 section 3.2).
  fields.push(["Host", host ?? ""]);
  if (hops.length > 0) fields.push(["X-Forwarded-For", hops.join(", ")]);
  fields.push(["X-Forwarded-Proto", first("x-forwarded-proto") ?? "http"]);
  fields.push(["X-Forwarded-Host", first("x-forwarded-host") ?? host ?? ""]);
  if (token !== undefined && request.headers["cf-access-jwt-assertion"] !== undefined) {
    fields.push(["Cf-Access-Jwt-Assertion", token]);
  }
  if (access?.principal.kind === "user") {
    fields.push(["Cf-Access-Authenticated-User-Email", asBytes(access.principal.email)]);
  }
  for (const [at, name] of app.identity.names.entries()) {
    fields.push([name, verdict.values[at] ?? ""]);
  }
  return fields;
}

/** UTF-8, a byte for each character, as Node writes fields. */
function asBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/**
 * The name of the token's cookie, as some server reads it: in any case, quoted, with another character for
 * "_", or after a comma or a space.
 */
const TOKEN_COOKIE = /(?:^|[\s,"])cf[^a-z\d]authorization(?:[\s"=[\0]|$)/i;

/** Cookies with the verified token in place of every one that an application could take for it. */
function withToken(cookies: string, token: string | undefined): string {
  const verified = `CF_Authorization=${token}`;
  const all = cookies.split(";").map((pair) => pair.trim());
  const pairs = all.filter((pair) => pair !== "");
  const others = pairs.filter((pair) => !TOKEN_COOKIE.test(decoded(pair)));
  if (others.length === pairs.length) return cookies;
  return [...(token === undefined ? [] : [verified]), ...others].join("; ");
}

/** Some servers decode the names of cookies. A value that has the name, such as an encoded URL, is no token. */
function decoded(pair: string): string {
  const [name = ""] = pair.split("=", 1);
  const plain = name.replace(/%([\da-f]{2})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain + pair.slice(name.length);
}
