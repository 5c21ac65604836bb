import type { VerifiedAccessToken } from "../access/principal.ts";
import { accessTeam } from "../access/team.ts";
import { mistake, readOptions } from "../caller-mistakes.ts";
import type { Check } from "../verify/options.ts";

/** A condition on an Access token, to be given to a verifier as `check`. */
export type AccessCheck = Check<VerifiedAccessToken>;

/** Whose principals are meant. */
export interface TeamOption {
  /** The team whose principals are meant; must be named when several teams share the check. */
  team?: string | URL | undefined;
}

/**
 * People, not services: all of them, or those with one of the ids (`sub`).
 *
 * @throws {TypeError} at once, for an id or a team that is none
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { allowUsers } from "postern/checks";
 *
 * const verifier = createVerifier({ team: "acme", audience: "aud-of-wiki", check: allowUsers() });
 * ```
 */
export function allowUsers(ids?: string | readonly string[], options?: TeamOption): AccessCheck {
  return allowKind("user", ids, options);
}

/**
 * Service tokens, not people: all of them, or those with one of the client ids (`common_name`).
 *
 * @throws {TypeError} at once, for an id or a team that is none
 *
 * @example
 * ```ts
 * import { allowServices } from "postern/checks";
 *
 * const check = allowServices("88bf3b6d86161464f6509f7219099e57.access");
 * ```
 */
export function allowServices(ids?: string | readonly string[], options?: TeamOption): AccessCheck {
  return allowKind("service", ids, options);
}

/** A non-empty string or several; an empty list would be a condition that nobody can meet. */
export function stringsOption(name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((item) => typeof item !== "string" || item === "")) {
    throw mistake(name, "a non-empty string or a non-empty array of them", value);
  }
  return list as readonly string[];
}

/**
 * An id or an address means somebody only together with a team. Without a name it is the team that
 * the check meets first, and another one is a mistake that is told, not a person who is let in.
 */
export function teamGuard(options: TeamOption = {}): (issuer: string) => boolean {
  const team = teamOf(options);
  if (team !== undefined) {
    const named = accessTeam(team).issuer;
    return (issuer) => issuer === named;
  }
  let only: string | undefined;
  return (issuer) => {
    only ??= issuer;
    if (issuer === only) return true;
    throw new TypeError("team must be named where several teams share a check");
  };
}

function teamOf(options: TeamOption = {}): TeamOption["team"] {
  return readOptions<TeamOption>(options, ["team"]).team;
}

function allowKind(
  kind: "user" | "service",
  ids: string | readonly string[] | undefined,
  options: TeamOption | undefined,
): AccessCheck {
  // Whoever asks for anyone of a kind means no one's name.
  const named = ids === undefined ? undefined : new Set(stringsOption("ids", ids));
  const isOurs =
    named === undefined && teamOf(options) === undefined ? () => true : teamGuard(options);
  return ({ principal }) =>
    principal.kind === kind &&
    (named === undefined || named.has(principal.id)) &&
    isOurs(principal.issuer);
}
