import type { VerifiedAccessToken } from "../access/access-token.ts";
import { claimAt, claimPath } from "../adapters/claim-path.ts";
import { mistake, readOptions } from "../caller-mistakes.ts";
import { allowEmails, allowServices } from "../checks/index.ts";
import { isJsonObject } from "../encoding/json.ts";
import type { Check } from "../verify/options.ts";

/** Which of the users and services that Access lets in may pass. */
export interface AllowOptions {
  /** People with one of these addresses. */
  emails?: readonly string[] | undefined;
  /** People with an address in one of these domains, exactly. */
  domains?: readonly string[] | undefined;
  /** Services with one of these client ids (`common_name`). */
  services?: readonly string[] | undefined;
  /**
   * What people's claims must say as well: each path (`custom.groups`) must lead to one of its accepted
   * values, or to a list that has one.
   */
  custom?: { readonly [path: string]: readonly (string | number | boolean)[] } | undefined;
}

const NAMES = ["emails", "domains", "services", "custom"] as const;

/**
 * The condition that an allow list is. Services come in by `services` alone. People come in by `emails` or
 * `domains` where one is given, and by every claim in `custom`.
 *
 * @throws {TypeError} for a list that is empty or wrong: it would let no one in, or everyone
 */
export function allowCheck(given: unknown): Check<VerifiedAccessToken> {
  const { emails, domains, services, custom } = readOptions<AllowOptions>(given, NAMES, "allow");
  if ([emails, domains, services, custom].every((list) => list === undefined)) {
    throw new TypeError("allow must have one of emails, domains, services and custom");
  }
  const addresses = list("allow.emails", emails);
  const hosts = list("allow.domains", domains);
  if (!addresses.every((entry) => entry.indexOf("@") > 0 && isAllowed(entry))) {
    throw new TypeError(
      "allow.emails must be addresses such as ada@example.com, without wildcards",
    );
  }
  if (!hosts.every((entry) => entry.indexOf("@") <= 0 && isAllowed(entry))) {
    throw new TypeError("allow.domains must be domains such as example.com, without wildcards");
  }
  const people = [...addresses, ...hosts];
  const byAddress = people.length === 0 ? undefined : allowEmails(people);
  const byId = services === undefined ? undefined : allowServices(list("allow.services", services));
  const claims = custom === undefined ? undefined : claimConditions(custom);
  return (verified, ...rest) => {
    if (verified.principal.kind === "service") return byId?.(verified, ...rest) ?? false;
    if (byAddress === undefined && claims === undefined) return false;
    if (byAddress !== undefined && byAddress(verified, ...rest) !== true) return false;
    return claims?.every((holds) => holds(verified.payload)) ?? true;
  };
}

/** Whether it is an address or a domain to the check itself, whose error names another option. */
function isAllowed(entry: string): boolean {
  try {
    allowEmails(entry);
    return true;
  } catch {
    return false;
  }
}

function list(option: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    value.some((entry) => typeof entry !== "string" || entry.trim() !== entry || entry === "")
  ) {
    throw mistake(option, "a non-empty array of non-empty strings", value);
  }
  return value;
}

function claimConditions(custom: unknown): ((claims: object) => boolean)[] {
  const expected = "an object of claim paths, each with a non-empty array of values";
  if (!isJsonObject(custom)) throw mistake("allow.custom", expected, custom);
  const entries = Object.entries(custom);
  if (entries.length === 0) throw mistake("allow.custom", expected, custom);
  return entries.map(([name, values]) => {
    const path = claimPath("allow.custom", name);
    if (!Array.isArray(values) || values.length === 0 || !values.every(isScalar)) {
      throw mistake("allow.custom", expected, values);
    }
    const accepted = new Set<unknown>(values);
    return (claims) => {
      // "groups" is short for "custom.groups", where Access puts what the identity provider says.
      const found = claimAt(claims, path) ?? claimAt(claims, ["custom", ...path]);
      return [found].flat().some((value) => isScalar(value) && accepted.has(value));
    };
  });
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
