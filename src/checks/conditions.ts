import type { VerifiedAccessToken } from "../access/access-token.ts";
import { functionOptions, mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";
import type { Check } from "../verify/options.ts";
import { isYes } from "../verify/outcome.ts";
import { markUnnamed, unnamedParts } from "../verify/unnamed-team.ts";
import { type AccessCheck, ofTeam, stringsOption, type TeamOption } from "./principals.ts";

/**
 * Allows users if `predicate` returns `true` for a claim of the identity provider, from `custom` in the
 * token. A user without that claim is refused without calling the predicate.
 *
 * @throws {TypeError} at once, when the claim, the predicate or an option is wrong
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
 * Passes if all checks pass. Runs them one after the other, until one refuses.
 *
 * @throws {TypeError} at once, when there are no checks, or one is not a function
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
    for (const check of checks) if (!isYes(await check(...given))) return false;
    return true;
  });
}

/**
 * Passes if any check passes. Runs them one after the other, until one passes.
 *
 * @throws {TypeError} at once, when there are no checks, or one is not a function
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
    for (const check of checks) if (isYes(await check(...given))) return true;
    return false;
  });
}

/** Marks the parts that name no team in a combined check. */
function combined<T>(checks: readonly Check<T>[], check: Check<T>): Check<T> {
  return markUnnamed(check, checks.flatMap(unnamedParts));
}

function checksOption(checks: readonly unknown[]): void {
  const wrong = checks.findIndex((check) => typeof check !== "function");
  // An empty condition would allow everyone.
  if (checks.length === 0 || wrong >= 0)
    throw mistake("checks", "one or more checks", checks[wrong]);
}
