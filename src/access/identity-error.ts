import {
  define,
  exchangeFacts,
  exchangeSentence,
  type HttpErrorCode,
  isInstance,
  type KeySetErrorDetails,
} from "../errors.ts";

/** Why the identity endpoint gave no identity. New codes may be added in a minor release. */
export type IdentityErrorCode = HttpErrorCode | "token_malformed" | "identity_refused";

const IDENTITY_ERROR: symbol = Symbol.for("postern.IdentityError");

/** The identity endpoint gave no identity: `identity_refused` means that the session is not valid. */
export class IdentityError extends Error {
  override readonly name: string = "IdentityError";
  readonly code: IdentityErrorCode;
  /** The status for the client: 401 when the session or the token was refused, else 503. */
  readonly status: 401 | 503;
  /** The endpoint's own status. */
  declare readonly upstreamStatus?: number | undefined;
  /** From the endpoint's `Retry-After`, with `http_status`. */
  declare readonly retryAfterSeconds?: number | undefined;
  /** Without userinfo, query and fragment. */
  declare readonly url?: string | undefined;

  constructor(code: IdentityErrorCode, details: KeySetErrorDetails = {}) {
    const given = { __proto__: null, ...details };
    super(exchangeSentence(code, given), given);
    this.code = code;
    this.status = code === "identity_refused" || code === "token_malformed" ? 401 : 503;
    define(this, IDENTITY_ERROR, exchangeFacts(given));
  }

  /** Also true for errors of other copies of the library, and of other realms. */
  static override [Symbol.hasInstance](this: object, value: unknown): boolean {
    return isInstance(this, value, IDENTITY_ERROR);
  }
}
