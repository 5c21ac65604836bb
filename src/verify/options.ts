import type { VerifiedAccessToken } from "../access/principal.ts";
import { type HeadersLike, readAccessToken, readBearerToken } from "../access/request.ts";
import { accessTeam, isLoopbackOrigin } from "../access/team.ts";
import { functionOptions, mistake, numberOption } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import type { JwkSet } from "../keys/jwk.ts";
import { createStaticKeySet, type KeySet } from "../keys/key-set.ts";
import { createRemoteKeySet } from "../keys/remote-key-set.ts";
import type { RemoteKeySetOptions } from "../keys/remote-options.ts";
import { bare, member, own } from "../own.ts";
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

/**
 * A condition of your own. `undefined` and `true` pass; anything else refuses with `forbidden`. The
 * token is for those who have to show it to someone else, such as the identity endpoint.
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
  /**
   * Where a request holds its token, whoever issued it. By default a team's is only where
   * `readAccessToken` looks, and another issuer's only in `Authorization: Bearer`.
   */
  readToken?: ((headers: HeadersLike) => string | readonly string[] | undefined) | undefined;
  /** 16,384 */
  maxTokenBytes?: number | undefined;
  /** Remembers so many accepted tokens, or none. `{ maxEntries: 1000 }` */
  verdictCache?: false | { maxEntries?: number | undefined } | undefined;
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

/** Issuers by their `iss`. */
export type Entries = ReadonlyMap<string, Entry>;

/** Where a request holds tokens, and whose. */
export interface Place {
  readonly read: (headers: HeadersLike) => unknown;
  readonly entries: Entries;
}

/** All options, checked and copied. */
export interface Settled {
  readonly entries: Entries;
  /** In the order in which they are searched: the first that holds a token is the only one that counts. */
  readonly places: readonly Place[];
  readonly maxTokenBytes: number;
  /** 0 for no verdict cache. */
  readonly maxVerdicts: number;
  readonly now: () => number;
}

type AnyEntry = (TeamOptions | IssuerOptions) & SharedOptions;

const SHARED = ["readToken", "maxTokenBytes", "verdictCache", "now", "onEvent"];

/**
 * Checks and copies all that a verifier is told, once.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settle(options: unknown, beside: SharedOptions = {}): Settled {
  const isList = Array.isArray(options);
  const list: readonly AnyEntry[] = isList ? Array.from(options, copyOf) : [copyOf(options)];
  const shared: SharedOptions = isList ? copyOf(beside) : (list[0] as AnyEntry);
  for (const entry of list) {
    const misplaced = entry === shared ? undefined : SHARED.find((name) => name in entry);
    if (misplaced !== undefined) throw mistake(misplaced, "beside the entries", list);
  }
  functionOptions(shared, ["now", "onEvent", "readToken"]);
  const { now = Date.now, maxTokenBytes = MAX_TOKEN_BYTES } = shared;
  const emit = quietly(shared.onEvent);
  const entries = list.map((entry) => settleEntry(entry, { now, onEvent: emit }));
  const byIssuer = new Map(entries.map((entry) => [entry.issuer, entry]));
  if (byIssuer.size === 0 || byIssuer.size < list.length) {
    throw mistake("entries", "a non-empty array of different issuers", options);
  }
  announceLoopback(entries, emit);
  return {
    entries: byIssuer,
    places: shared.readToken
      ? [{ read: shared.readToken, entries: byIssuer }]
      : defaultPlaces([...byIssuer]),
    maxTokenBytes: numberOption("maxTokenBytes", maxTokenBytes, [1, 2 ** 20]),
    maxVerdicts: verdictsOption(shared.verdictCache),
    now,
  };
}

const NOTHING_ADDED: CallOptions = Object.freeze({
  signal: undefined,
  waitUntil: undefined,
  audience: undefined,
});

/**
 * Checks and copies what a call adds. One that would widen what was configured is a mistake, and must
 * not pass for a narrow one.
 *
 * @throws {TypeError} in one sentence
 */
export function settleCall(entries: Entries, call?: CallOptions): CallOptions {
  if (call === undefined) return NOTHING_ADDED;
  if (!isJsonObject(call)) throw mistake("call options", "an object", call);
  const read = (name: string): never => member(call, name) as never;
  // The method of an execution context needs its object.
  const waitUntil = (own(call, "waitUntil") ??
    (read("waitUntil") as CallOptions["waitUntil"])?.bind(call)) as CallOptions["waitUntil"];
  const settled: CallOptions = { signal: read("signal"), waitUntil, audience: read("audience") };
  if (settled.audience === undefined) return settled;
  for (const tag of audienceOption(settled.audience)) {
    if ([...entries.values()].some(({ audience }) => audience.includes(tag))) continue;
    throw new TypeError("audience must be one of those configured, got another string");
  }
  return settled;
}

/**
 * One audience or several, none of them empty: an absent one must never mean "any".
 *
 * @throws {TypeError} in one sentence
 */
export function audienceOption(value: unknown): readonly string[] {
  const list = strings("audience", typeof value === "string" ? [value] : value);
  if (list.length === 0) throw mistake("audience", NAMES, value);
  return list;
}

function verdictsOption(value: SharedOptions["verdictCache"] = {}): number {
  if (value === false) return 0;
  if (!isJsonObject(value)) throw mistake("verdictCache", "false or an object", value);
  const { maxEntries = 1000 } = bare(value);
  return numberOption("maxEntries", maxEntries, [1, 2 ** 24]);
}

function settleEntry(options: AnyEntry, defaults: RemoteKeySetOptions): Entry {
  const { team, issuer, keys, requiredClaims = [], clockToleranceSeconds = 60 } = options;
  const { tokenType = "app", remote } = options as TeamOptions;
  // An issuer where only that has a value, else a team where one is named at all: what is named
  // without a value, such as a variable that is not set, is then told of by its own name.
  const isTeam = "team" in options && (team !== undefined || issuer === undefined);
  if (isTeam ? issuer !== undefined : !("issuer" in options)) {
    throw mistake("options", "an object with either a team or an issuer", options);
  }
  const access = isTeam ? accessTeam(team as string) : undefined;
  const { acceptedHeaderTypes = isTeam ? ["JWT"] : ["JWT", "at+jwt"] } = options;
  if (!["app", "org", "any"].includes(tokenType)) {
    throw mistake("tokenType", '"app", "org" or "any"', tokenType);
  }
  if (remote !== undefined && (!isTeam || keys !== undefined || !isJsonObject(remote))) {
    throw mistake("remote", "an object, for a team without keys", remote);
  }
  functionOptions(options, ["check"]);
  const { maxTokenAgeSeconds: maxAge } = options;
  return {
    issuer: access?.issuer ?? (strings("issuer", [issuer])[0] as string),
    audience: audienceOption(options.audience),
    keys:
      access !== undefined && keys === undefined
        ? createRemoteKeySet(access.certsUrl, { ...defaults, ...remote })
        : asKeySet(keys, defaults),
    clockToleranceSeconds: numberOption("clockToleranceSeconds", clockToleranceSeconds, [0, 300]),
    maxTokenAgeSeconds:
      maxAge === undefined ? maxAge : numberOption("maxTokenAgeSeconds", maxAge, [0, 2 ** 31]),
    requiredClaims: strings("requiredClaims", requiredClaims),
    acceptedHeaderTypes: strings("acceptedHeaderTypes", acceptedHeaderTypes).map(mediaType),
    tokenType: isTeam ? tokenType : undefined,
    check: options.check as Check<never> | undefined,
  };
}

function asKeySet(
  keys: KeySet | JwkSet | undefined,
  options: Pick<RemoteKeySetOptions, "onEvent">,
): KeySet {
  // An array has a `find` as well.
  if (!isJsonObject(keys) || typeof member(keys, "find") !== "function") {
    return createStaticKeySet(keys as JwkSet, options);
  }
  const method = (name: string): never => {
    const value = member(keys, name);
    return (typeof value === "function" ? value.bind(keys) : undefined) as never;
  };
  return { find: method("find"), known: method("known"), prefetch: method("prefetch") };
}

function copyOf(value: unknown): AnyEntry {
  if (!isJsonObject(value)) throw mistake("options", "an object with a team or an issuer", value);
  return bare(value) as unknown as AnyEntry;
}

const NAMES = "a non-empty string, or a non-empty array of them where several may be given";

function strings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw mistake(option, NAMES, value);
  const list: readonly unknown[] = [...value];
  const wrong = list.findIndex((item) => typeof item !== "string" || item === "");
  if (wrong >= 0) throw mistake(option, NAMES, list[wrong]);
  return list as readonly string[];
}

/** A team's tokens are where Access puts them, and nowhere else; another issuer's are bearer tokens. */
function defaultPlaces(entries: readonly [string, Entry][]): readonly Place[] {
  const isTeam = ([, { tokenType }]: [string, Entry]): boolean => tokenType !== undefined;
  const access = new Map(entries.filter(isTeam));
  const bearer = new Map(entries.filter((entry) => !isTeam(entry)));
  return [
    { read: readAccessToken, entries: access },
    { read: readBearerToken, entries: bearer },
  ].filter((place) => place.entries.size > 0);
}

/** Local Access proves nothing: it may not stand beside what does, nor stand unannounced. */
function announceLoopback(entries: readonly Entry[], emit: EventListener): void {
  for (const { issuer, tokenType } of entries) {
    if (tokenType === undefined || !isLoopbackOrigin(issuer)) continue;
    if (entries.some((other) => !isLoopbackOrigin(other.issuer))) {
      throw new TypeError("team must not be a loopback origin beside others that are not");
    }
    emit({ type: "loopback_team", issuer });
    console.warn(`postern: ${issuer} is Local Access, whose tokens prove nothing`);
  }
}
