import type { VerifiedAccessToken } from "../access/access-token.ts";
import type { HeadersLike, RequestLike } from "../access/request.ts";
import type { KeySetError, TokenError } from "../errors.ts";
import type { EventListener } from "../keys/events.ts";
import type { JwkSet } from "../keys/jwk-set.ts";
import type { KeySet } from "../keys/key-set.ts";
import type { RemoteKeySetOptions } from "../keys/remote-options.ts";
import type { JwtPayload, VerifiedToken } from "../token/types.ts";

/** What one call may add. */
export interface CallOptions {
  /** Ends this call's wait for keys, not the shared fetch; rejects with a `KeySetError`. */
  signal?: AbortSignal | undefined;
  /** Of a Worker's or edge function's context: keeps a refresh alive behind the response. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Narrows the configured audience, for one of several applications behind one verifier. */
  audience?: string | readonly string[] | undefined;
}

/**
 * A condition of your own. `undefined` and `true` pass; anything else refuses with `forbidden`. The
 * token is for a check that has to send it elsewhere, such as to the identity endpoint.
 */
export type Check<T> = (verified: T, call: CallOptions, token: string) => Answer | Promise<Answer>;

// biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws returns nothing
type Answer = boolean | void;

/** What can be said of every issuer. Durations are seconds. */
export interface EntryOptions<T> {
  /** The application's AUD tag, or several: one of them must be in the token's `aud`. */
  audience: string | readonly string[];
  /** A key set, or a JWK set that never changes. A team's default is its certs endpoint. */
  keys?: KeySet | JwkSet | undefined;
  /** Grace for clocks that disagree, on `exp`, `nbf` and `iat`. 60; 0 to 300 */
  clockToleranceSeconds?: number | undefined;
  /** The longest since `iat`, which is required then. */
  maxTokenAgeSeconds?: number | undefined;
  /** Claims that must be there, in addition to `exp`, `iss` and `aud`, which always must. */
  requiredClaims?: readonly string[] | undefined;
  /** What `typ` may say, if it is there. `["JWT"]` for a team, `["JWT", "at+jwt"]` for an issuer */
  acceptedHeaderTypes?: readonly string[] | undefined;
  /** Refuses a token without `typ`, as RFC 9068 section 4 asks for. `false` */
  requireHeaderType?: boolean | undefined;
  /** A condition of your own; it runs for every call. */
  check?: Check<T> | undefined;
}

/** A Cloudflare Access team. */
export interface TeamOptions<C = unknown> extends EntryOptions<VerifiedAccessToken<C>> {
  /** `"acme"`, its origin, or a loopback origin with a port (Local Access). */
  team: string | URL;
  /** For the key set of the certs endpoint; not together with `keys`. */
  remote?: RemoteKeySetOptions | undefined;
  /** `"org"` tokens are of the whole authentication domain, not of an application. `"app"` */
  tokenType?: "app" | "org" | "any" | undefined;
  issuer?: never;
}

/** Any other issuer of RS256 tokens. */
export interface IssuerOptions<P extends object = JwtPayload>
  extends EntryOptions<VerifiedToken<P>> {
  /** Exactly the `iss` of its tokens. */
  issuer: string;
  keys: KeySet | JwkSet;
  team?: never;
}

/** What can be said of a whole verifier. */
export interface SharedOptions {
  /**
   * Where a request holds its token, for every issuer. By default a team's is only where
   * `readAccessToken` looks, and another issuer's only in `Authorization: Bearer`.
   */
  readToken?: ((headers: HeadersLike) => string | readonly string[] | undefined) | undefined;
  /** 16,384 */
  maxTokenBytes?: number | undefined;
  /**
   * Remembers accepted tokens, or none: `maxEntries` at most, and at least the newest half of them.
   * `{ maxEntries: 1000 }`
   */
  verdictCache?: false | { maxEntries?: number | undefined } | undefined;
  /** Milliseconds since the epoch. `Date.now` */
  now?: (() => number) | undefined;
  /** Takes events; its exceptions never reach a verification. */
  onEvent?: EventListener | undefined;
}

/**
 * What a verifier of one entry takes. With an issuer `team` is left out, and an array is allowed, so
 * that TypeScript finds the type that was meant and blames the one member that is wrong.
 */
export type AnyOptions =
  | ((TeamOptions | Omit<IssuerOptions, "team">) & SharedOptions)
  | readonly TeamOptions[];

/** A verdict as a value. */
export type SafeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: TokenError | KeySetError };

/** The guard. Its methods survive destructuring. */
export interface Verifier<T> {
  /**
   * Checks one token.
   *
   * @throws {TokenError} (rejects) the token must not be let in
   * @throws {KeySetError} (rejects) the keys could not be had; also when `call.signal` ends the wait
   * @throws whatever else `check` threw, and `TypeError` for a call that is wrong
   */
  verify(token: string, call?: CallOptions): Promise<T>;
  /** The same, with both families of errors as a value; what else `check` throws still rejects. */
  safeVerify(token: string, call?: CallOptions): Promise<SafeResult<T>>;
  /** Finds the token of a request, and checks it; `TypeError` (rejects) for what is not a request. */
  verifyRequest(request: RequestLike, call?: CallOptions): Promise<T>;
  /** The same, with both families of errors as a value. */
  safeVerifyRequest(request: RequestLike, call?: CallOptions): Promise<SafeResult<T>>;
  /** Resolves when every issuer has usable keys: for a start-up or a health check. */
  prefetch(): Promise<void>;
}
