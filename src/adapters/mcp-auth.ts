import type { Principal } from "../access/principal.ts";
import { readAccessToken, readBearerToken } from "../access/request.ts";
import { mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import { part } from "./claim-path.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

/** The value that the MCP SDK passes to a tool as `extra.authInfo`. The SDK defines this type. */
export interface AuthInfo {
  /**
   * The token. Empty if your own `readToken` found it in another place, or if the request has another token
   * with the same claims.
   */
  token: string;
  /** The principal's id: a service's client id or a user's `sub`. */
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
 * Returns the principal that calls a tool.
 *
 * @param auth `extra.authInfo` of a tool's handler, or `request.auth` on Node
 * @throws {TypeError} when it contains no principal, because the request did not pass `requireAccess` or
 * its token is not from Access
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
    throw mistake("authInfo", "the value that requireAccess sets, with a principal", principal);
  }
  return principal as Principal;
}

/** Makes the `AuthInfo` of a verified token. */
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
 * Identifies the owner of a session in one string. It is empty without a token, and `undefined` if the
 * token names no one.
 */
export function ownerOf(access: object | undefined): string | undefined {
  if (access === undefined) return "";
  const principal = own(access, "principal");
  const id = text(part(principal, "id")) ?? holderOf(own(access, "payload"));
  if (id === undefined) return undefined;
  return JSON.stringify([own(access, "issuer"), part(principal, "kind") ?? null, id]);
}

/** The expiry of a token in milliseconds since the epoch. */
export function endOf(access: object | undefined): number {
  const exp = access && part(own(access, "payload"), "exp");
  return typeof exp === "number" ? exp * 1000 : Number.POSITIVE_INFINITY;
}

/** The holder of another issuer's token (RFC 9068 section 2.2). */
function holderOf(payload: unknown): string | undefined {
  return text(part(payload, "sub")) ?? text(part(payload, "client_id"));
}

/**
 * Finds the verified token. The request may also contain others, which were not verified. If one of them
 * says the same, nothing tells which is which, and the result is empty.
 */
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
  const tokens = new Set([readBearerToken({ get }) ?? ""]);
  try {
    for (const token of readAccessToken({ get })) tokens.add(token);
  } catch {
    // The request has two different assertions, so the verified token came from another place.
  }
  const [token = "", another] = [...tokens].filter(says);
  return another === undefined ? token : "";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
