import { accessTokensIn, type HeadersLike, readBearerToken } from "../access/request.ts";
import { accessTeam, isLoopbackOrigin } from "../access/team.ts";
import {
  booleanOption,
  functionOptions,
  mistake,
  numberOption,
  readOptions,
  refuseWrapped,
} from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import { type JwkSet, requireSubtle } from "../keys/jwk.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createRemoteKeySet } from "../keys/remote-key-set.ts";
import { REMOTE_OPTIONS, type RemoteKeySetOptions } from "../keys/remote-options.ts";
import { createStaticKeySet } from "../keys/static-key-set.ts";
import { member } from "../own.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import { mediaType } from "../token/header.ts";
import type { Issuers, Policy } from "./decision.ts";
import type { Check, IssuerOptions, SharedOptions, TeamOptions } from "./options.ts";
import { unnamedParts } from "./unnamed-team.ts";

/** One issuer, checked and copied. */
export interface Entry extends Policy {
  readonly keys: KeySet;
  readonly check: Check<never> | undefined;
}

/** Where a request holds tokens, and whose. */
export interface Place {
  readonly read: (headers: HeadersLike) => unknown;
  readonly issuers: Issuers<Entry>;
}

/** All options, checked and copied. */
export interface Settled {
  readonly issuers: Issuers<Entry>;
  /** In the order in which they are searched: the first that holds a token is the only one that counts. */
  readonly places: readonly Place[];
  readonly maxTokenBytes: number;
  /** 0 for no verdict cache. */
  readonly maxVerdicts: number;
  readonly now: () => number;
}

type AnyEntry = (TeamOptions | IssuerOptions) &
  Pick<TeamOptions, "remote" | "tokenType"> &
  SharedOptions;

const SHARED = [
  "readToken",
  "maxTokenBytes",
  "verdictCache",
  "now",
  "onEvent",
] as const satisfies readonly (keyof SharedOptions)[];

const ENTRY = [
  "team",
  "issuer",
  "audience",
  "keys",
  "remote",
  "tokenType",
  "clockToleranceSeconds",
  "maxTokenAgeSeconds",
  "requiredClaims",
  "acceptedHeaderTypes",
  "requireHeaderType",
  "check",
] as const satisfies readonly (keyof (TeamOptions & IssuerOptions))[];

/**
 * Checks and copies all that a verifier is told, once.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settle(options: unknown, beside?: SharedOptions): Settled {
  requireSubtle();
  const isList = Array.isArray(options);
  const given: readonly unknown[] = isList ? options : [options];
  const list = Array.from(given, (entry) => readOptions<AnyEntry>(entry, [...ENTRY, ...SHARED]));
  const shared = isList
    ? readOptions<SharedOptions>(beside === undefined ? {} : beside, SHARED)
    : (list[0] as AnyEntry);
  if (!isList && beside !== undefined) {
    throw mistake(
      "shared options",
      "left out, or in the one object, beside a single entry",
      beside,
    );
  }
  for (const entry of list) {
    const misplaced = entry === shared ? undefined : SHARED.find((name) => name in entry);
    if (misplaced !== undefined) throw mistake(misplaced, "beside the entries", list);
  }
  functionOptions(shared, ["now", "onEvent", "readToken"]);
  const { now = Date.now, maxTokenBytes = MAX_TOKEN_BYTES } = shared;
  const emit = quietly(shared.onEvent);
  const entries = list.map((entry) => settleEntry(entry, { now, onEvent: emit }));
  const issuers = issuersOf(entries);
  const { size } = issuers.byIssuer;
  if (size === 0 || size < list.length) {
    throw mistake("entries", "a non-empty array of different issuers", options);
  }
  // Two teams can each have a ceo@acme.com.
  const parts = entries.flatMap(({ check }) => unnamedParts(check));
  if (new Set(parts).size < parts.length) {
    throw new TypeError("check must name its team when several teams share it");
  }
  const settled = {
    issuers,
    places: shared.readToken ? [{ read: shared.readToken, issuers }] : defaultPlaces(entries),
    maxTokenBytes: numberOption("maxTokenBytes", maxTokenBytes, [1, 2 ** 20]),
    maxVerdicts: verdictsOption(shared.verdictCache),
    now,
  };
  announce(entries, emit);
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
  const { maxEntries = 1000 } = readOptions<typeof value>(value, ["maxEntries"], "verdictCache");
  return numberOption("maxEntries", maxEntries, [1, 2 ** 24]);
}

function settleEntry(options: AnyEntry, defaults: RemoteKeySetOptions): Entry {
  const { team, issuer, keys, requiredClaims = [], clockToleranceSeconds = 60 } = options;
  const { tokenType = "app", remote } = options;
  // An issuer where only that has a value, else a team where one is named at all: what is named
  // without a value, such as a variable that is not set, is then told of by its own name.
  const isTeam = "team" in options && (team !== undefined || issuer === undefined);
  if (isTeam ? issuer !== undefined : !("issuer" in options)) {
    throw mistake("options", "an object with either a team or an issuer", options);
  }
  const access = isTeam ? accessTeam(team as string) : undefined;
  const audience = audienceOption(options.audience);
  for (const tag of audience) refuseWrapped("audience", tag, isTeam);
  const { acceptedHeaderTypes = isTeam ? ["JWT"] : ["JWT", "at+jwt"] } = options;
  if (!["app", "org", "any"].includes(tokenType)) {
    throw mistake("tokenType", '"app", "org" or "any"', tokenType);
  }
  if (!isTeam && options.tokenType !== undefined) {
    throw mistake("tokenType", "left out, because it is for a team", tokenType);
  }
  if (remote !== undefined && (!isTeam || keys !== undefined)) {
    throw mistake("remote", "left out, because it is for a team without keys", remote);
  }
  // An option without a value counts as absent.
  const {
    now = defaults.now,
    onEvent = defaults.onEvent,
    ...bounds
  } = readOptions<RemoteKeySetOptions>(
    remote === undefined ? {} : remote,
    REMOTE_OPTIONS,
    "remote",
  );
  functionOptions(options, ["check"]);
  const { maxTokenAgeSeconds: maxAge } = options;
  return {
    issuer: access?.issuer ?? (strings("issuer", [issuer])[0] as string),
    audience,
    keys:
      access !== undefined && keys === undefined
        ? createRemoteKeySet(access.certsUrl, { ...bounds, now, onEvent })
        : asKeySet(keys, { onEvent }),
    clockToleranceSeconds: numberOption("clockToleranceSeconds", clockToleranceSeconds, [0, 300]),
    maxTokenAgeSeconds:
      maxAge === undefined ? maxAge : numberOption("maxTokenAgeSeconds", maxAge, [0, 2 ** 31]),
    requiredClaims: strings("requiredClaims", requiredClaims),
    acceptedHeaderTypes: strings("acceptedHeaderTypes", acceptedHeaderTypes).map(mediaType),
    requireHeaderType: booleanOption("requireHeaderType", options.requireHeaderType),
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
  return {
    find: method("find"),
    known: method("known"),
    prefetch: method("prefetch"),
    revalidate: method("revalidate"),
  };
}

const NAMES = "a non-empty string, or a non-empty array of them where several may be given";

function strings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw mistake(option, NAMES, value);
  const list: readonly unknown[] = [...value];
  const wrong = list.findIndex((item) => typeof item !== "string" || item === "");
  if (wrong >= 0) throw mistake(option, NAMES, list[wrong]);
  return list as readonly string[];
}

function issuersOf(entries: readonly Entry[]): Issuers<Entry> {
  const byIssuer = new Map(entries.map((entry) => [entry.issuer, entry]));
  return { byIssuer, only: entries.length === 1 ? entries[0] : undefined };
}

/** A team's tokens are where Access puts them, and nowhere else; another issuer's are bearer tokens. */
function defaultPlaces(entries: readonly Entry[]): readonly Place[] {
  const isTeam = ({ tokenType }: Entry): boolean => tokenType !== undefined;
  return [
    { read: accessTokensIn, issuers: issuersOf(entries.filter(isTeam)) },
    { read: readBearerToken, issuers: issuersOf(entries.filter((entry) => !isTeam(entry))) },
  ].filter(({ issuers }) => issuers.byIssuer.size > 0);
}

/** Says once what an operator has to know about a team, by event and on the console. */
function announce(entries: readonly Entry[], emit: EventListener): void {
  for (const { issuer, tokenType, audience } of entries) {
    if (tokenType === undefined) continue;
    if (isLoopbackOrigin(issuer)) {
      // Anyone can have a token of Local Access: refuse to mix it with real issuers, and warn.
      if (entries.some((other) => !isLoopbackOrigin(other.issuer))) {
        throw new TypeError("team must not be a loopback origin beside others that are not");
      }
      emit({ type: "loopback_team", issuer });
      console.warn(`postern: ${issuer} is Local Access, whose tokens prove nothing`);
    } else if (!audience.every((tag) => /^[\da-f]{64}$/.test(tag))) {
      emit({ type: "unusual_audience", issuer });
      console.warn(`postern: an audience for ${issuer} is not an AUD tag, which has 64 hex digits`);
    }
  }
}
