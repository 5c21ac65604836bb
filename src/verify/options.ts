import type { VerifiedAccessToken } from "../access/access-token.ts";
import type { HeadersLike, RequestLike } from "../access/request.ts";
import type { KeySetError, TokenError } from "../errors.ts";
import type { EventListener } from "../keys/events.ts";
import type { JwkSet } from "../keys/jwk-set.ts";
import type { KeySet } from "../keys/key-set.ts";
import type { RemoteKeySetOptions } from "../keys/remote-options.ts";
import type { JwtPayload, VerifiedToken } from "../token/types.ts";

/** Options of one call. */
export interface CallOptions {
  /** Ends this call's wait for keys, not the shared fetch; rejects with a `KeySetError`. */
  signal?: AbortSignal | undefined;
  /** `waitUntil` of a Worker's or edge function's context: keeps a refresh alive after the response. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Narrows the configured audience, for one of several applications behind one verifier. */
  audience?: string | readonly string[] | undefined;
}

/**
 * Your own condition. `undefined` and `true` pass; anything else refuses with `forbidden`. The third
 * argument is the token, for a check that has to send it on, for example to the identity endpoint.
 */
export type Check<T> = (verified: T, call: CallOptions, token: string) => Answer | Promise<Answer>;

// biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws returns nothing
type Answer = boolean | void;

/** Options of every issuer. Durations are seconds. */
export interface EntryOptions<T> {
  /** The application's AUD tag, or several: one of them must be in the token's `aud`. */
  audience: string | readonly string[];
  /** A key set, or a JWK set that never changes. @defaultValue for a team, its certs endpoint */
  keys?: KeySet | JwkSet | undefined;
  /** How far clocks may differ, for `exp`, `nbf` and `iat`. 0 to 300. @defaultValue 60 */
  clockToleranceSeconds?: number | undefined;
  /** The greatest age of a token. With it, `iat` is required. @defaultValue no limit */
  maxTokenAgeSeconds?: number | undefined;
  /** Claims that must be present, in addition to `exp`, `iss` and `aud`, which are always required. @defaultValue none */
  requiredClaims?: readonly string[] | undefined;
  /** The values that `typ` may have, if it is present. @defaultValue `["JWT"]` for a team, `["JWT", "at+jwt"]` for an issuer */
  acceptedHeaderTypes?: readonly string[] | undefined;
  /** Refuses a token without `typ` (RFC 9068 section 4). @defaultValue `false` */
  requireHeaderType?: boolean | undefined;
  /** Your own condition. It runs at each call, also for a remembered token. */
  check?: Check<T> | undefined;
}

/** A Cloudflare Access team. */
export interface TeamOptions<C = unknown> extends EntryOptions<VerifiedAccessToken<C>> {
  /** `"acme"`, its origin, or a loopback origin with a port (Local Access). */
  team: string | URL;
  /** Options for the key set of the certs endpoint; not together with `keys`. */
  remote?: RemoteKeySetOptions | undefined;
  /** `"org"` tokens are for the whole authentication domain, not for one application. @defaultValue `"app"` */
  tokenType?: "app" | "org" | "any" | undefined;
  issuer?: never;
}

/** Any other issuer of RS256 tokens. */
export interface IssuerOptions<P extends object = JwtPayload>
  extends EntryOptions<VerifiedToken<P>> {
  /** The exact `iss` of its tokens. */
  issuer: string;
  keys: KeySet | JwkSet;
  team?: never;
}

/** Options of a whole verifier. */
export interface SharedOptions {
  /**
   * Finds the token of a request, for every issuer. By default a team's token is read only where
   * `readAccessToken` looks, and another issuer's token only from `Authorization: Bearer`.
   */
  readToken?: ((headers: HeadersLike) => string | readonly string[] | undefined) | undefined;
  /** The longest token, in bytes. Up to 1,048,576. @defaultValue 16384 */
  maxTokenBytes?: number | undefined;
  /**
   * How many accepted tokens to remember, or `false` for none: at most `maxEntries`, and at least the
   * newest half of that.
   *
   * @defaultValue `{ maxEntries: 1000 }`
   */
  verdictCache?: false | { maxEntries?: number | undefined } | undefined;
  /** The clock, in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: (() => number) | undefined;
  /** Gets events; its exceptions never reach a verification. */
  onEvent?: EventListener | undefined;
}

/**
 * Options of a verifier with one entry. `team?: undefined` and the array are here so that TypeScript
 * reports the one member that is wrong.
 */
export type AnyOptions =
  | ((TeamOptions | Omit<IssuerOptions, "team">) & SharedOptions)
  | readonly TeamOptions[];

/** An accepted token, or the error, as a value. */
export type SafeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: TokenError | KeySetError };

/** Verifies tokens. Its methods may be destructured. */
export interface Verifier<T> {
  /**
   * Checks one token.
   *
   * @throws {TokenError} (rejects) when the token is refused
   * @throws {KeySetError} (rejects) when the keys are not available, or `call.signal` ends the wait
   * @throws anything else that `check` throws, and `TypeError` for wrong call options
   */
  verify(token: string, call?: CallOptions): Promise<T>;
  /** The same, with both error families as a value. Anything else that `check` throws still rejects. */
  safeVerify(token: string, call?: CallOptions): Promise<SafeResult<T>>;
  /** Finds the token of a request and checks it. Rejects with `TypeError` when it is not a request. */
  verifyRequest(request: RequestLike, call?: CallOptions): Promise<T>;
  /** The same, with both error families as a value. */
  safeVerifyRequest(request: RequestLike, call?: CallOptions): Promise<SafeResult<T>>;
  /**
   * Resolves when every issuer has usable keys. Use it at start-up or in a health check.
   *
   * @throws {KeySetError} (rejects) when an issuer has none
   */
  prefetch(): Promise<void>;
}
