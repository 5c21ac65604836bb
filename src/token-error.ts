/** Why a token was refused. New codes may be added in a minor release. */
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

/** Facts about a refused token; every one is optional. */
export interface TokenErrorDetails {
  /** The claim that decided. */
  claim?: string | undefined;
  /** The part of the compact serialization that could not be read (RFC 7515 section 3.1). */
  part?: "token" | "header" | "payload" | "signature" | undefined;
  /** What the configuration asks for. */
  expected?: unknown;
  /** What the token holds. Not enumerable in the error, so that loggers do not record it. */
  actual?: unknown;
  /** The token's `kid`, as the token spells it; it is cut and escaped here. */
  kid?: string | undefined;
  /** Whether the signature had been checked when the token was refused. */
  verified?: boolean | undefined;
  cause?: unknown;
}

// A registered symbol is shared by every copy of this module, ESM or CJS, in every realm.
const TOKEN_ERROR: symbol = Symbol.for("postern.TokenError");

/**
 * The token is refused: answer {@link TokenError.status}.
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
  /** The status for the client: 403 when the token is genuine but `check` refused it, else 401. */
  readonly status: 401 | 403;
  /** Whether the signature was valid. `false` also when the token was refused before that check. */
  readonly verified: boolean;
  declare readonly claim?: string | undefined;
  declare readonly part?: TokenErrorDetails["part"];
  declare readonly expected?: unknown;
  /** What the token holds; a string is cut and escaped. Not enumerable, because it may be private. */
  declare readonly actual?: unknown;
  /** Cut to 128 characters; what is not printable ASCII is escaped. */
  declare readonly kid?: string | undefined;

  constructor(code: TokenErrorCode, details: TokenErrorDetails = {}) {
    const given = { __proto__: null, ...details };
    const { claim, part, expected, actual, kid } = given;
    super(sentence(code, subjectOf(given) ?? part), given);
    this.code = code;
    this.status = code === "forbidden" ? 403 : 401;
    this.verified = given.verified === true;
    define(this, TOKEN_ERROR, { claim, part, expected, kid: printable(kid) });
    hide(this, "actual", printable(actual));
  }

  /** Also true for errors of other copies of the library, and of other realms. */
  static override [Symbol.hasInstance](this: object, value: unknown): boolean {
    return isInstance(this, value, TOKEN_ERROR);
  }
}

/** Whether a value is a {@link TokenError}, of this copy of the library or another. */
export function isTokenError(value: unknown): value is TokenError {
  return isBranded(value, TOKEN_ERROR);
}

/** Makes foreign text safe to show: at most 128 characters, none that controls a terminal. */
export function printable<T>(value: T): T | string {
  return typeof value !== "string"
    ? value
    : value
        .slice(0, 128)
        .replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The address of the documentation. A test compares it with `homepage` in package.json. */
export const DOCUMENTATION = "https://postern.example/";

/** The address of an error's entry. It never changes. */
export function errorPage(code: string): string {
  return `${DOCUMENTATION}errors.html#${code}`;
}

/** A code in words, what it is about, and the page that says what to do. */
export function sentence(code: string, subject: string | undefined, place = ""): string {
  const about = subject ? ` (${subject})` : "";
  return `${code.replaceAll("_", " ")}${about}${place}; see ${errorPage(code)}`;
}

/** The claim, or how far its time is from the clock. This difference does not reveal the claim's value. */
function subjectOf({ claim, expected, actual }: TokenErrorDetails): string | undefined {
  if (typeof expected !== "number" || typeof actual !== "number") return claim;
  const seconds = Math.round(actual - expected);
  return `${claim} is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the clock`;
}

/** Adds the known facts as fields, and the brand as a hidden one. */
export function define(error: Error, brand: symbol, facts: object): void {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined) (error as unknown as Record<string, unknown>)[name] = value;
  }
  hide(error, brand, true);
}

/** Adds a property that is not enumerable. Engines also read a descriptor's prototype, so it has none. */
function hide(error: Error, name: PropertyKey, value: unknown): void {
  Object.defineProperty(error, name, { __proto__: null, value } as PropertyDescriptor);
}

/** Whether a value is an error of the family that has this brand. */
export function isBranded(value: unknown, brand: symbol): boolean {
  return (value as Record<symbol, unknown> | null | undefined)?.[brand] === true;
}

export function isInstance(family: object, value: unknown, brand: symbol): boolean {
  // A subclass inherits this, and keeps the ordinary meaning of `instanceof`.
  return Object.hasOwn(family, Symbol.hasInstance)
    ? isBranded(value, brand)
    : Function.prototype[Symbol.hasInstance].call(family, value);
}
