import { accessTokensIn, type HeadersLike, readBearerToken } from "../access/request.ts";
import { isLoopbackOrigin } from "../access/team.ts";
import { functionOptions, mistake, numberOption, readOptions } from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import { type EventListener, quietly } from "../keys/events.ts";
import { requireSubtle } from "../keys/jwk.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import type { Issuers } from "./decision.ts";
import type { SharedOptions } from "./options.ts";
import { type AnyEntry, ENTRY, type Entry, settleEntry } from "./settle-entry.ts";
import { unnamedParts } from "./unnamed-team.ts";

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

const SHARED = [
  "readToken",
  "maxTokenBytes",
  "verdictCache",
  "now",
  "onEvent",
] as const satisfies readonly (keyof SharedOptions)[];

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
    throw mistake("shared options", "left out with a single entry", beside);
  }
  for (const entry of list) {
    const misplaced = entry === shared ? undefined : SHARED.find((name) => name in entry);
    if (misplaced !== undefined) throw mistake(misplaced, "in the second argument", list);
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

function verdictsOption(value: SharedOptions["verdictCache"] = {}): number {
  if (value === false) return 0;
  if (!isJsonObject(value)) throw mistake("verdictCache", "false or an object", value);
  const { maxEntries = 1000 } = readOptions<typeof value>(value, ["maxEntries"], "verdictCache");
  return numberOption("maxEntries", maxEntries, [1, 2 ** 24]);
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
        throw new TypeError("team must not be a loopback origin together with others that are not");
      }
      emit({ type: "loopback_team", issuer });
      console.warn(`postern: ${issuer} is Local Access, whose tokens prove nothing`);
    } else if (!audience.every((tag) => /^[\da-f]{64}$/.test(tag))) {
      emit({ type: "unusual_audience", issuer });
      console.warn(`postern: an audience for ${issuer} is not an AUD tag, which has 64 hex digits`);
    }
  }
}
