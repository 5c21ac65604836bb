import type { VerifiedAccessToken } from "../access/access-token.ts";
import type { Principal } from "../access/principal.ts";
import { accessTeam } from "../access/team.ts";
import { mistake, readOptions } from "../caller-mistakes.ts";
import type { Check } from "../verify/options.ts";
import { markUnnamed } from "../verify/unnamed-team.ts";

/** A condition on an Access token, to be given to a verifier as `check`. */
export type AccessCheck = Check<VerifiedAccessToken>;

/** A condition that asks no more than who it is. It fits wherever an `AccessCheck` does. */
export type PrincipalCheck = Check<{ readonly principal: Principal }>;

/** Whose principals are meant. */
export interface TeamOption {
  /**
   * The team whose principals are meant. It must be named when several teams share the check:
   * `createVerifier` throws where one verifier can see that. Two verifiers cannot see each other.
   */
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
export function allowUsers(ids?: string | readonly string[], options?: TeamOption): PrincipalCheck {
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
export function allowServices(
  ids?: string | readonly string[],
  options?: TeamOption,
): PrincipalCheck {
  return allowKind("service", ids, options);
}

/** A non-empty string or several; an empty list would be a condition that no one can meet. */
export function stringsOption(name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((item) => typeof item !== "string" || item === "")) {
    throw mistake(name, "a non-empty string or a non-empty array of them", value);
  }
  return list as readonly string[];
}

/**
 * An id, an address or a claim means a person only together with a team. A check that names no team is
 * marked, so that a verifier of several teams can refuse to share it between them.
 *
 * @param parts what is marked: nothing for a condition that means the same in every team
 */
export function ofTeam<T extends { readonly principal: Principal }>(
  check: Check<T>,
  options: TeamOption = {},
  parts: readonly Check<T>[] = [check],
): Check<T> {
  const { team } = readOptions<TeamOption>(options, ["team"]);
  if (team === undefined) return markUnnamed(check, parts);
  const { issuer } = accessTeam(team);
  return (verified, ...rest) => verified.principal.issuer === issuer && check(verified, ...rest);
}

function allowKind(
  kind: "user" | "service",
  ids: string | readonly string[] | undefined,
  options: TeamOption | undefined,
): PrincipalCheck {
  const named = ids === undefined ? undefined : new Set(stringsOption("ids", ids));
  const check: PrincipalCheck = ({ principal }) =>
    principal.kind === kind && (named === undefined || named.has(principal.id));
  // Anyone of a kind is not a name, which two teams could each have.
  return ofTeam(check, options, named === undefined ? [] : undefined);
}
