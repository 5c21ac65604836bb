import { accessTeam } from "../access/team.ts";
import {
  booleanOption,
  functionOptions,
  mistake,
  numberOption,
  readOptions,
  refuseWrapped,
} from "../caller-mistakes.ts";
import { isJsonObject } from "../encoding/json.ts";
import type { JwkSet } from "../keys/jwk-set.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createRemoteKeySet } from "../keys/remote-key-set.ts";
import { REMOTE_OPTIONS, type RemoteKeySetOptions } from "../keys/remote-options.ts";
import { createStaticKeySet } from "../keys/static-key-set.ts";
import { member } from "../own.ts";
import { mediaType } from "../token/header.ts";
import type { Policy } from "./decision.ts";
import type { Check, IssuerOptions, SharedOptions, TeamOptions } from "./options.ts";

/** One issuer, checked and copied. */
export interface Entry extends Policy {
  readonly keys: KeySet;
  readonly check: Check<never> | undefined;
}

/** What either kind of entry may hold; a single entry also holds the shared options. */
export type AnyEntry = (TeamOptions | IssuerOptions) &
  Pick<TeamOptions, "remote" | "tokenType"> &
  SharedOptions;

export const ENTRY: readonly (keyof AnyEntry)[] = [
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
];

/**
 * Checks and copies the options of one issuer.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settleEntry(options: AnyEntry, defaults: RemoteKeySetOptions): Entry {
  const { team, issuer, keys, requiredClaims = [], clockToleranceSeconds = 60 } = options;
  const { tokenType = "app", remote } = options;
  // An issuer where only that has a value, else a team where one is named at all: what is named
  // without a value, such as a variable that is not set, is then reported by its own name.
  const isTeam = "team" in options && (team !== undefined || issuer === undefined);
  if (isTeam ? issuer !== undefined : !("issuer" in options)) {
    throw mistake("options", "an object with either a team or an issuer", options);
  }
  const access = isTeam ? accessTeam(team as string) : undefined;
  const audience = audienceOption(options.audience);
  for (const tag of audience) refuseWrapped("audience", tag, isTeam);
  const named = access?.issuer ?? (strings("issuer", [issuer])[0] as string);
  refuseWrapped("issuer", named, false);
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
    issuer: named,
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

const NAMES = "a non-empty string, or an array of them";

function strings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw mistake(option, NAMES, value);
  const list: readonly unknown[] = [...value];
  const wrong = list.findIndex((item) => typeof item !== "string" || item === "");
  if (wrong >= 0) throw mistake(option, NAMES, list[wrong]);
  return list as readonly string[];
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
