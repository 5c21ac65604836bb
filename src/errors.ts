import { typeName } from "./caller-mistakes.ts";

/** Why a token was not let in. New codes may be added in a minor release. */
export type TokenErrorCode =
  | "token_missing"
  | "token_ambiguous"
  | "token_malformed"
  | "token_too_large"
  | "algorithm_not_allowed"
  | "header_unsupported"
  | "key_not_found"
  | "signature_invalid"
  | "claim_missing"
  | "issuer_mismatch"
  | "audience_mismatch"
  | "token_expired"
  | "token_not_yet_valid"
  | "claim_invalid"
  | "token_type_mismatch"
  | "forbidden";

/** How one HTTP exchange can fail. */
export type HttpErrorCode =
  | "fetch_failed"
  | "fetch_timeout"
  | "http_status"
  | "redirected"
  | "response_too_large"
  | "not_json";

/** Why the keys could not be had. New codes may be added in a minor release. */
export type KeySetErrorCode =
  | HttpErrorCode
  | "jwks_malformed"
  | "no_usable_keys"
  | "backing_off"
  | "discovery_mismatch";

/** Why the identity endpoint gave no identity. New codes may be added in a minor release. */
export type IdentityErrorCode = HttpErrorCode | "token_malformed" | "identity_refused";

/** Facts about a refused token; every one is optional. */
export interface TokenErrorDetails {
  /** Replaces the message made from the code. Keep tokens and claim values out of it. */
  message?: string | undefined;
  /** The claim that decided. */
  claim?: string | undefined;
  /** The part of the compact serialization that could not be read (RFC 7515 section 3.1). */
  part?: "token" | "header" | "payload" | "signature" | undefined;
  /** What the configuration asks for. */
  expected?: unknown;
  /** What the token holds. Kept out of enumeration, so that loggers do not record it unasked. */
  actual?: unknown;
  /** The token's `kid`, as the token spells it; it is cut and escaped here. */
  kid?: string | undefined;
  /** Whether the signature had been checked when the token was refused. */
  verified?: boolean | undefined;
  cause?: unknown;
}

/** Facts about an HTTP exchange or a key set that failed; every one is optional. */
export interface KeySetErrorDetails {
  /** Replaces the message made from the code. */
  message?: string | undefined;
  /** The status that the endpoint answered. It is never the status to answer a client. */
  upstreamStatus?: number | undefined;
  /** When it makes sense to try again, in seconds from now. */
  retryAfterSeconds?: number | undefined;
  /** The endpoint; userinfo, query and fragment are removed here. */
  url?: string | undefined;
  cause?: unknown;
}

// Registered symbols are shared by every copy of this module, ESM or CJS, in every realm.
const TOKEN_ERROR: symbol = Symbol.for("postern.TokenError");
const KEY_SET_ERROR: symbol = Symbol.for("postern.KeySetError");
const IDENTITY_ERROR: symbol = Symbol.for("postern.IdentityError");

/**
 * This token must not be let in: answer {@link TokenError.status}.
 *
 * @example
 * ```ts
 * import { isTokenError } from "postern";
 *
 * function explain(error: unknown): string {
 *   return isTokenError(error) ? `refused: ${error.code}` : "not about the token";
 * }
 * ```
 */
export class TokenError extends Error {
  override readonly name: string = "TokenError";
  readonly code: TokenErrorCode;
  /** What to answer the client: 403 when the token is genuine but `check` said no, else 401. */
  readonly status: 401 | 403;
  /** Whether the signature had been checked when the token was refused. */
  readonly verified: boolean;
  declare readonly claim?: string | undefined;
  declare readonly part?: TokenErrorDetails["part"];
  declare readonly expected?: unknown;
  /** What the token holds, bounded and escaped. Not enumerable: it is the bearer's. */
  declare readonly actual?: unknown;
  /** Cut to 128 characters, control characters escaped. */
  declare readonly kid?: string | undefined;

  constructor(code: TokenErrorCode, details: TokenErrorDetails = {}) {
    super(details.message ?? sentence(code, details.claim ?? details.part));
    this.code = code;
    this.status = code === "forbidden" ? 403 : 401;
    this.verified = details.verified === true;
    const { kid, actual } = details;
    keep(this, { claim: details.claim, part: details.part, expected: details.expected });
    keep(this, { kid: kid === undefined ? kid : printable(kid) });
    hide(this, "actual", actual === undefined ? actual : describe(actual));
    hide(this, "cause", details.cause);
    brand(this, TOKEN_ERROR);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, TOKEN_ERROR);
  }
}

/**
 * The keys could not be had, so nothing can be said about the token: answer 503.
 *
 * @example
 * ```ts
 * import { isKeySetError } from "postern";
 *
 * function retryAfter(error: unknown): number {
 *   return isKeySetError(error) ? (error.retryAfterSeconds ?? 1) : 0;
 * }
 * ```
 */
export class KeySetError extends Error {
  override readonly name: string = "KeySetError";
  readonly code: KeySetErrorCode;
  /** What to answer the client. */
  readonly status: 503;
  /** The endpoint's own status. */
  declare readonly upstreamStatus?: number | undefined;
  declare readonly retryAfterSeconds?: number | undefined;
  /** Without userinfo, query and fragment. */
  declare readonly url?: string | undefined;

  constructor(code: KeySetErrorCode, details: KeySetErrorDetails = {}) {
    super(details.message ?? sentence(code, details.upstreamStatus));
    this.code = code;
    this.status = 503;
    keepExchange(this, details);
    brand(this, KEY_SET_ERROR);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, KEY_SET_ERROR);
  }
}

/** The identity endpoint gave no identity: `identity_refused` means the session does not stand. */
export class IdentityError extends Error {
  override readonly name: string = "IdentityError";
  readonly code: IdentityErrorCode;
  /** What to answer the client: 401 when the session was refused or the token is none, else 503. */
  readonly status: 401 | 503;
  /** The endpoint's own status. */
  declare readonly upstreamStatus?: number | undefined;
  declare readonly retryAfterSeconds?: number | undefined;
  /** Without userinfo, query and fragment. */
  declare readonly url?: string | undefined;

  constructor(code: IdentityErrorCode, details: KeySetErrorDetails = {}) {
    super(details.message ?? sentence(code, details.upstreamStatus));
    this.code = code;
    this.status = code === "identity_refused" || code === "token_malformed" ? 401 : 503;
    keepExchange(this, details);
    brand(this, IDENTITY_ERROR);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, IDENTITY_ERROR);
  }
}

/** Whether a value is a {@link TokenError}, of this copy of the library or another. */
export function isTokenError(value: unknown): value is TokenError {
  return isBranded(value, TOKEN_ERROR);
}

/** Whether a value is a {@link KeySetError}, of this copy of the library or another. */
export function isKeySetError(value: unknown): value is KeySetError {
  return isBranded(value, KEY_SET_ERROR);
}

/** Foreign text that is safe to show: at most 128 characters, nothing that steers a terminal. */
export function printable(text: string): string {
  return text
    .slice(0, 128)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function describe(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (typeof value === "number") return value;
  if (Array.isArray(value)) {
    return value
      .slice(0, 8)
      .map((item) => (typeof item === "string" ? printable(item) : typeName(item)));
  }
  return typeName(value);
}

function sentence(code: string, subject: string | number | undefined): string {
  const words = code.replaceAll("_", " ");
  return subject === undefined ? words : `${words} (${subject})`;
}

function keep(error: Error, facts: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined) Object.assign(error, { [name]: value });
  }
}

function hide(error: Error, name: string | symbol, value: unknown): void {
  if (value !== undefined) Object.defineProperty(error, name, { value });
}

function keepExchange(error: Error, details: KeySetErrorDetails): void {
  const { upstreamStatus, retryAfterSeconds, url } = details;
  // `[^/@]*@` is userinfo, which ends before the first slash of the path.
  const bare = url?.replace(/[?#].*/s, "").replace(/^([a-z]+:\/\/)[^/]*@/i, "$1");
  keep(error, { upstreamStatus, retryAfterSeconds, url: bare });
  hide(error, "cause", details.cause);
}

function brand(error: Error, symbol: symbol): void {
  hide(error, symbol, true);
}

function isBranded(value: unknown, symbol: symbol): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<symbol, unknown>)[symbol] === true
  );
}
