import type { VerifiedAccessToken } from "../access/principal.ts";
import { functionOptions, mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";
import { type AccessCheck, stringsOption } from "./principals.ts";

/**
 * A claim of the identity provider, under `custom` in the token, that a predicate answers `true` to.
 * Who has no such claim is refused without being asked about.
 *
 * @throws {TypeError} at once, for a claim or a predicate that is none
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
): AccessCheck {
  stringsOption("claim", [claim]);
  functionOptions({ predicate: predicate ?? null }, ["predicate"]);
  return async (verified) => {
    const custom: unknown = own(verified.payload, "custom");
    if (typeof custom !== "object" || custom === null || !Object.hasOwn(custom, claim))
      return false;
    return (await predicate(own(custom, claim), verified)) === true;
  };
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
export function every(...checks: readonly AccessCheck[]): AccessCheck {
  checksOption(checks);
  return async (...given) => {
    for (const check of checks) if (!passes(await check(...given))) return false;
    return true;
  };
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
export function some(...checks: readonly AccessCheck[]): AccessCheck {
  checksOption(checks);
  return async (...given) => {
    for (const check of checks) if (passes(await check(...given))) return true;
    return false;
  };
}

/** What a verifier takes for a yes. */
function passes(answer: unknown): boolean {
  return answer === undefined || answer === true;
}

function checksOption(checks: readonly unknown[]): void {
  const wrong = checks.findIndex((check) => typeof check !== "function");
  // A condition made of none would hold for everybody.
  if (checks.length === 0 || wrong >= 0)
    throw mistake("checks", "one or more checks", checks[wrong]);
}
