import type { VerifiedAccessToken } from "../access/principal.ts";
import { type HeadersLike, readAccessToken, readBearerToken } from "../access/request.ts";
import { accessTeam, isLoopbackOrigin } from "../access/team.ts";
import { functionOption, mistake, numberOption } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import type { JwkSet } from "../keys/jwk.ts";
import { createStaticKeySet, type KeySet } from "../keys/key-set.ts";
import { createRemoteKeySet } from "../keys/remote-key-set.ts";
import type { RemoteKeySetOptions } from "../keys/remote-options.ts";
import type { ClaimsPolicy } from "../token/claims.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import { mediaType } from "../token/header.ts";
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

/** A condition of your own. `undefined` and `true` pass; anything else refuses with `forbidden`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws returns nothing
export type Check<T> = (verified: T, call: CallOptions) => boolean | void | Promise<boolean | void>;

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
  /** Claims that must be there, beside `exp`, `iss` and `aud`, which always must. */
  requiredClaims?: readonly string[] | undefined;
  /** What `typ` may say, if it is there. `["JWT"]` for a team, `["JWT", "at+jwt"]` for an issuer */
  acceptedHeaderTypes?: readonly string[] | undefined;
  /** A condition of your own; it runs for every call. */
  check?: Check<T> | undefined;
}

/** A Cloudflare Access team. */
export interface TeamOptions<C = unknown> extends EntryOptions<VerifiedAccessToken<C>> {
  /** `"acme"`, its origin, or a loopback origin with a port (Local Access). */
  team: string | URL;
  /** For the key set of the certs endpoint; not beside `keys`. */
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
  /** Where a request holds its token. A team: `readAccessToken`; an issuer: `Authorization: Bearer` */
  readToken?: ((headers: HeadersLike) => string | readonly string[] | undefined) | undefined;
  /** 16,384 */
  maxTokenBytes?: number | undefined;
  /** Milliseconds since the epoch. `Date.now` */
  now?: (() => number) | undefined;
  /** Takes events; its exceptions never reach a verification. */
  onEvent?: EventListener | undefined;
}

/** One issuer, checked and copied. */
export interface Entry extends ClaimsPolicy {
  readonly keys: KeySet;
  readonly acceptedHeaderTypes: readonly string[];
  readonly check: Check<never> | undefined;
}

/** All options, checked and copied. */
export interface Settled {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly readToken: (headers: HeadersLike) => unknown;
  readonly maxTokenBytes: number;
  readonly now: () => number;
}

type AnyEntry = (TeamOptions | IssuerOptions) & SharedOptions;

const SHARED = ["readToken", "maxTokenBytes", "verdictCache", "now", "onEvent"];

/**
 * Checks and copies all that a verifier is told, once.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settle(options: unknown, sharedOptions?: SharedOptions): Settled {
  const isList = Array.isArray(options);
  const list = (isList ? options : [options]) as readonly AnyEntry[];
  if (list.length === 0) throw mistake("entries", "a non-empty array", options);
  for (const entry of list) {
    if (!isJsonObject(entry)) throw mistake("options", "an object with a team or an issuer", entry);
    const misplaced = isList ? SHARED.find((name) => entry[name] !== undefined) : undefined;
    if (misplaced !== undefined) {
      throw new TypeError(
        `${misplaced} must be given once, beside the entries, got it in an entry`,
      );
    }
  }
  const shared = (isList ? (sharedOptions ?? {}) : list[0]) as SharedOptions;
  if (!isJsonObject(shared)) throw mistake("shared options", "an object", shared);
  for (const name of ["now", "onEvent", "readToken"]) functionOption(name, shared[name]);
  const { now = Date.now, onEvent, maxTokenBytes, readToken }: SharedOptions = shared;
  const emit = quietly(onEvent);
  const entries = new Map<string, Entry>();
  for (const options of list) {
    const entry = settleEntry(options, { now, onEvent: emit });
    if (entries.has(entry.issuer)) {
      throw new TypeError(`issuer must be different in every entry, got ${entry.issuer} twice`);
    }
    entries.set(entry.issuer, entry);
  }
  announceLoopback([...entries.values()], emit);
  return {
    entries,
    readToken: readToken ?? defaultReader([...entries.values()]),
    maxTokenBytes: numberOption("maxTokenBytes", maxTokenBytes, MAX_TOKEN_BYTES, [1, 2 ** 20]),
    now,
  };
}

/**
 * One audience or several, none of them empty: an absent one must never mean "any".
 *
 * @throws {TypeError} in one sentence
 */
export function audienceOption(value: unknown): readonly string[] {
  const expected = "a non-empty string or a non-empty array of them";
  if (value === "" || (Array.isArray(value) && value.length === 0)) {
    throw mistake("audience", expected, value);
  }
  return strings("audience", typeof value === "string" ? [value] : value, expected);
}

function settleEntry(options: AnyEntry, remoteDefaults: RemoteKeySetOptions): Entry {
  const { team, issuer, requiredClaims = [], check } = options;
  const { tokenType = "app", remote } = options as TeamOptions;
  if ((team === undefined) === (issuer === undefined)) {
    throw mistake("options", "an object with either a team or an issuer", options);
  }
  const access = team === undefined ? undefined : accessTeam(team);
  if (access === undefined && (typeof issuer !== "string" || issuer === "")) {
    throw mistake("issuer", "a non-empty string", issuer);
  }
  if (!["app", "org", "any"].includes(tokenType)) {
    throw mistake("tokenType", '"app", "org" or "any"', tokenType);
  }
  const types = options.acceptedHeaderTypes ?? (access ? ["JWT"] : ["JWT", "at+jwt"]);
  const maxAge = numberOption("maxTokenAgeSeconds", options.maxTokenAgeSeconds, 0, [0, 2 ** 31]);
  return {
    issuer: access?.issuer ?? (issuer as string),
    audience: audienceOption(options.audience),
    keys: settleKeys(options.keys, remote, access?.certsUrl, remoteDefaults),
    clockToleranceSeconds: numberOption(
      "clockToleranceSeconds",
      options.clockToleranceSeconds,
      60,
      [0, 300],
    ),
    maxTokenAgeSeconds: options.maxTokenAgeSeconds === undefined ? undefined : maxAge,
    requiredClaims: strings("requiredClaims", requiredClaims, "an array of non-empty strings"),
    acceptedHeaderTypes: strings("acceptedHeaderTypes", types, "an array of media types").map(
      (type) => mediaType(type) as string,
    ),
    tokenType: access && tokenType,
    check: functionOption("check", check as Check<never>),
  };
}

function settleKeys(
  keys: KeySet | JwkSet | undefined,
  remote: RemoteKeySetOptions | undefined,
  certsUrl: string | undefined,
  remoteDefaults: RemoteKeySetOptions,
): KeySet {
  if (remote !== undefined && (keys !== undefined || certsUrl === undefined)) {
    throw new TypeError("remote must be given for a team without keys, got it beside keys");
  }
  if (keys === undefined) {
    if (certsUrl === undefined) throw mistake("keys", "a key set or a JWK set", keys);
    if (remote !== undefined && !isJsonObject(remote)) throw mistake("remote", "an object", remote);
    return createRemoteKeySet(certsUrl, { ...remoteDefaults, ...remote });
  }
  const isKeySet = typeof (keys as KeySet | null)?.find === "function";
  return isKeySet ? (keys as KeySet) : createStaticKeySet(keys as JwkSet);
}

function strings(option: string, value: unknown, expected: string): readonly string[] {
  if (!Array.isArray(value)) throw mistake(option, expected, value);
  const copy: readonly unknown[] = [...value];
  for (const item of copy) {
    if (typeof item !== "string" || item === "") throw mistake(`every ${option}`, expected, item);
  }
  return copy as readonly string[];
}

/** A team's tokens are where Access puts them; another issuer's are bearer tokens. */
function defaultReader(entries: readonly Entry[]): (headers: HeadersLike) => unknown {
  if (entries.every(({ tokenType }) => tokenType !== undefined)) return readAccessToken;
  if (entries.every(({ tokenType }) => tokenType === undefined)) return readBearerToken;
  return (headers) => {
    const tokens = readAccessToken(headers);
    return tokens.length > 0 ? tokens : readBearerToken(headers);
  };
}

/** Local Access proves nothing: it may not stand beside what does, nor stand unannounced. */
function announceLoopback(entries: readonly Entry[], emit: EventListener): void {
  const local = entries.find(
    ({ issuer, tokenType }) => tokenType !== undefined && isLoopbackOrigin(issuer),
  );
  if (local === undefined) return;
  if (!entries.every(({ issuer }) => isLoopbackOrigin(issuer))) {
    throw new TypeError("team must be a real one beside others, got a loopback origin");
  }
  emit({ type: "loopback_team", issuer: local.issuer });
  console.warn(`postern: ${local.issuer} is Local Access. Its tokens prove nothing.`);
}
