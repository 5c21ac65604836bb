import type { VerifiedAccessToken } from "../access/access-token.ts";
import { functionOptions, mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";
import type { Check } from "../verify/options.ts";
import { markUnnamed, unnamedParts } from "../verify/unnamed-team.ts";
import { type AccessCheck, ofTeam, stringsOption, type TeamOption } from "./principals.ts";

/**
 * A claim of the identity provider, under `custom` in the token, that a predicate answers `true` to.
 * A person without that claim is refused, and the predicate is not asked.
 *
 * @throws {TypeError} at once, for a claim or a predicate that is none, or an option that is wrong
 *
 * @example
 * ```ts
 * import { allowCustom } from "postern/checks";
 *
 * const check = allowCustom("groups", (groups) => Array.isArray(groups) && groups.includes("wheel"));
 * ```
 */
export function allowCustom(
  claim: string,
  predicate: (value: unknown, verified: VerifiedAccessToken) => boolean | Promise<boolean>,
  options?: TeamOption,
): AccessCheck {
  stringsOption("claim", [claim]);
  functionOptions({ predicate: predicate ?? null }, ["predicate"]);
  return ofTeam(async (verified) => {
    const custom: unknown = own(verified.payload, "custom");
    if (typeof custom !== "object" || custom === null || !Object.hasOwn(custom, claim))
      return false;
    return (await predicate(own(custom, claim), verified)) === true;
  }, options);
}

/**
 * All of several checks, one after the other; the first that refuses ends it.
 *
 * @throws {TypeError} at once, for no checks or for what is none
 *
 * @example
 * ```ts
 * import { allowCustom, allowEmails, every } from "postern/checks";
 *
 * const check = every(
 *   allowEmails("acme.com"),
 *   allowCustom("department", (department) => department === "finance"),
 * );
 * ```
 */
export function every<T = VerifiedAccessToken>(...checks: readonly Check<T>[]): Check<T> {
  checksOption(checks);
  return combined(checks, async (...given) => {
    for (const check of checks) if (!passes(await check(...given))) return false;
    return true;
  });
}

/**
 * Any of several checks, one after the other; the first that passes ends it.
 *
 * @throws {TypeError} at once, for no checks or for what is none
 *
 * @example
 * ```ts
 * import { allowEmails, allowServices, some } from "postern/checks";
 *
 * const check = some(allowEmails("acme.com"), allowServices());
 * ```
 */
export function some<T = VerifiedAccessToken>(...checks: readonly Check<T>[]): Check<T> {
  checksOption(checks);
  return combined(checks, async (...given) => {
    for (const check of checks) if (passes(await check(...given))) return true;
    return false;
  });
}

/** A check made of others names no team where they do not. */
function combined<T>(checks: readonly Check<T>[], check: Check<T>): Check<T> {
  return markUnnamed(check, checks.flatMap(unnamedParts));
}

/** What a verifier takes for a yes. */
function passes(answer: unknown): boolean {
  return answer === undefined || answer === true;
}

function checksOption(checks: readonly unknown[]): void {
  const wrong = checks.findIndex((check) => typeof check !== "function");
  // A condition made of none would hold for everyone.
  if (checks.length === 0 || wrong >= 0)
    throw mistake("checks", "one or more checks", checks[wrong]);
}
