import type { VerifiedAccessToken } from "../access/access-token.ts";
import type { Principal } from "../access/principal.ts";
import { accessTeam } from "../access/team.ts";
import { mistake, readOptions } from "../caller-mistakes.ts";
import type { Check } from "../verify/options.ts";
import { markUnnamed } from "../verify/unnamed-team.ts";

/** A condition on an Access token, for `check` of a verifier. */
export type AccessCheck = Check<VerifiedAccessToken>;

/** A condition that reads only the principal. It can be used in place of an `AccessCheck`. */
export type PrincipalCheck = Check<{ readonly principal: Principal }>;

/** The option of conditions about principals. */
export interface TeamOption {
  /**
   * The team of the principals. Give it when several teams use the same check. `createVerifier` throws if
   * it is missing and one verifier has several teams. It cannot see that two verifiers share a check.
   */
  team?: string | URL | undefined;
}

/**
 * Allows users, but not services: all users, or only those with one of the ids (`sub`).
 *
 * @throws {TypeError} at once, when an id or a team is not valid
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
 * Allows service tokens, but not users: all of them, or only those with one of the client ids
 * (`common_name`).
 *
 * @throws {TypeError} at once, when an id or a team is not valid
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

/** Checks that it is a non-empty string or list of them. An empty list would refuse everyone. */
export function stringsOption(name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((item) => typeof item !== "string" || item === "")) {
    throw mistake(name, "a non-empty string or a non-empty array of them", value);
  }
  return list as readonly string[];
}

/**
 * Limits a check to a team, because ids, addresses and claims are unique only within one team. A check
 * without a team is marked, so that a verifier with several teams can refuse it.
 *
 * @param parts the checks to mark; none if the condition means the same in every team
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
  // Without ids, the condition means the same in every team.
  return ofTeam(check, options, named === undefined ? [] : undefined);
}
