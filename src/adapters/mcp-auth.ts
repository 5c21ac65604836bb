import type { Principal } from "../access/principal.ts";
import { readAccessToken, readBearerToken } from "../access/request.ts";
import { mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

/** What the MCP SDK hands to a tool as `extra.authInfo`. The shape is the SDK's own. */
export interface AuthInfo {
  /** The token as it came. Empty where a `readToken` of your own found it elsewhere. */
  token: string;
  /** The principal's id: a service's client id, a user's `sub`. */
  clientId: string;
  /** The words of the claim `scope`. Access tokens have none. */
  scopes: string[];
  /** Seconds since the epoch. */
  expiresAt?: number;
  resource?: URL;
  /** `{ principal }`, for an Access token. */
  extra?: Record<string, unknown>;
}

/**
 * Who calls a tool, from what the SDK hands to it.
 *
 * @param auth `extra.authInfo` of a tool's handler, or `request.auth` on Node
 * @throws {TypeError} when there is no principal in it: the request did not pass `requireAccess`, or
 * brought a token that is not of Access
 *
 * @example
 * ```ts
 * import { type AuthInfo, principalOf } from "postern/mcp";
 *
 * function whoami(_input: object, extra: { authInfo?: AuthInfo }): string {
 *   return principalOf(extra.authInfo).id;
 * }
 * ```
 */
export function principalOf(auth: AuthInfo | undefined): Principal {
  const principal = part(part(auth, "extra"), "principal");
  if (typeof principal !== "object" || principal === null) {
    throw mistake("authInfo", "what requireAccess has put there, with a principal", principal);
  }
  return principal as Principal;
}

/** What the SDK gets to know about a verified token. */
export function authInfoOf(
  access: object,
  headers: AnyHeaders,
  resource: URL | undefined,
): AuthInfo {
  const principal = own(access, "principal");
  const payload = own(access, "payload");
  const scope = part(payload, "scope");
  const exp = part(payload, "exp");
  return {
    token: tokenOf(headers, payload),
    clientId: text(part(principal, "id")) ?? holderOf(payload) ?? "",
    scopes: (text(scope) ?? "").split(" ").filter((word) => word !== ""),
    ...(typeof exp === "number" ? { expiresAt: exp } : {}),
    ...(resource === undefined ? {} : { resource: new URL(resource) }),
    ...(principal === undefined ? {} : { extra: { principal } }),
  };
}

/**
 * Who a session belongs to, as one string: an empty one without a token, and `undefined` where
 * a token names no user and no service.
 */
export function ownerOf(access: object | undefined): string | undefined {
  if (access === undefined) return "";
  const principal = own(access, "principal");
  const id = text(part(principal, "id")) ?? holderOf(own(access, "payload"));
  if (id === undefined) return undefined;
  return JSON.stringify([own(access, "issuer"), part(principal, "kind") ?? null, id]);
}

/** When a token ends, in milliseconds since the epoch. */
export function endOf(access: object | undefined): number {
  const exp = access && part(own(access, "payload"), "exp");
  return typeof exp === "number" ? exp * 1000 : Number.POSITIVE_INFINITY;
}

/** Whose an issuer's token is: RFC 9068 section 2.2. */
function holderOf(payload: unknown): string | undefined {
  return text(part(payload, "sub")) ?? text(part(payload, "client_id"));
}

/** The token that was verified: the request may hold others, which were not. */
function tokenOf(headers: AnyHeaders, payload: unknown): string {
  const verified = JSON.stringify(payload);
  const get = (name: string): string | null => readHeader(headers, name) ?? null;
  const says = (token: string): boolean => {
    try {
      return JSON.stringify(decodeUnverified(token).payload) === verified;
    } catch {
      return false;
    }
  };
  const bearer = readBearerToken({ get }) ?? "";
  if (says(bearer)) return bearer;
  try {
    return readAccessToken({ get }).find(says) ?? "";
  } catch {
    // Two assertions that differ: another issuer's token was verified, from elsewhere.
    return "";
  }
}

function part(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? own(object, name) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
