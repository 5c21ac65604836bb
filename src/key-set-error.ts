import { own } from "./own.ts";
import { define, isBranded, isInstance, printable, sentence } from "./token-error.ts";

/** How one HTTP exchange can fail. */
export type HttpErrorCode =
  | "fetch_failed"
  | "fetch_timeout"
  | "http_status"
  | "redirected"
  | "response_too_large"
  | "not_json";

/** Why the keys are not available. New codes may be added in a minor release. */
export type KeySetErrorCode =
  | HttpErrorCode
  | "jwks_malformed"
  | "no_usable_keys"
  | "backing_off"
  | "discovery_mismatch";

/** Facts about an HTTP exchange or a key set that failed; every one is optional. */
export interface KeySetErrorDetails {
  /** The status that the endpoint answered. It is never the status to answer a client. */
  upstreamStatus?: number | undefined;
  /** When it makes sense to try again, in seconds from now. */
  retryAfterSeconds?: number | undefined;
  /** The endpoint; userinfo, query and fragment are removed here. */
  url?: string | undefined;
  cause?: unknown;
}

const KEY_SET_ERROR: symbol = Symbol.for("postern.KeySetError");

/**
 * The keys are not available, so the token cannot be checked: answer 503.
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
  /** The status for the client. */
  readonly status: 503 = 503;
  /** The endpoint's own status. */
  declare readonly upstreamStatus?: number | undefined;
  declare readonly retryAfterSeconds?: number | undefined;
  /** Without userinfo, query and fragment. */
  declare readonly url?: string | undefined;

  constructor(code: KeySetErrorCode, details: KeySetErrorDetails = {}) {
    const given = { __proto__: null, ...details };
    super(exchangeSentence(code, given), given);
    this.code = code;
    define(this, KEY_SET_ERROR, exchangeFacts(given));
  }

  /** Also true for errors of other copies of the library, and of other realms. */
  static override [Symbol.hasInstance](this: object, value: unknown): boolean {
    return isInstance(this, value, KEY_SET_ERROR);
  }
}

/** Whether a value is a {@link KeySetError}, of this copy of the library or another. */
export function isKeySetError(value: unknown): value is KeySetError {
  return isBranded(value, KEY_SET_ERROR);
}

/** Makes a `KeySetError` of anything that a key set or a fetcher throws: the token cannot be checked. */
export function asKeySetError(error: unknown, url?: string): KeySetError {
  return isKeySetError(error) ? error : new KeySetError("fetch_failed", { url, cause: error });
}

/** What failed, why and where, in one line. */
export function exchangeSentence(code: string, details: KeySetErrorDetails): string {
  const { upstreamStatus, url } = exchangeFacts(details);
  const why = upstreamStatus === undefined ? causeCode(details.cause) : String(upstreamStatus);
  return sentence(code, why, url && ` at ${printable(url)}`);
}

/** The code of the innermost cause that has one, such as `ECONNREFUSED`. Reading a foreign object may throw. */
export function causeCode(cause: unknown, depth: number = 0): string | undefined {
  try {
    const inner = depth < 5 ? causeCode(own(cause as object, "cause"), depth + 1) : undefined;
    return inner ?? /^\w{1,40}$/.exec((own(cause as object, "code") ?? "") as string)?.[0];
  } catch {
    return undefined;
  }
}

export function exchangeFacts({
  upstreamStatus,
  retryAfterSeconds,
  url,
}: KeySetErrorDetails): KeySetErrorDetails {
  // Userinfo comes before the first slash of the path; a query can hold a secret as well.
  const shown = url?.replace(/^([\w+.-]+:\/\/)[^/?#]*@|[?#].*/gs, "$1");
  return { upstreamStatus, retryAfterSeconds, url: shown };
}
