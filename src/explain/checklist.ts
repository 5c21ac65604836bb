import type { JsonObject } from "../encoding/json.ts";
import { isKeySetError, type KeySetError, type TokenError } from "../errors.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { SafeResult } from "../verify/options.ts";
import {
  type Check,
  type CheckName,
  describeSpelling,
  describeToken,
  type Expectations,
} from "./checks.ts";
import type { KeyReport } from "./key-report.ts";
import { explain } from "./key-trouble.ts";

/** The keys that a token was checked with, or why there are none. */
export type Keys =
  | { readonly from: string; readonly reports: readonly KeyReport[] }
  | { readonly from: string; readonly error: KeySetError };

/** Every check of a verifier, in its order. The verifier's result decides the state of each. */
export function checklist(
  token: string,
  result: SafeResult<unknown>,
  keys: Keys,
  expected: Expectations,
): Check[] {
  let header: JsonObject;
  let payload: JsonObject;
  try {
    ({ header, payload } = decodeUnverified(token));
  } catch {
    return [describeSpelling(token)];
  }
  const proven = isProven(result);
  const said = describeToken(header, payload, expected);
  const blamed = result.ok || isKeySetError(result.error) ? undefined : blame(result.error);
  const checks = [
    SPELT,
    ...said.slice(0, 2),
    key(own(header, "kid"), keys, proven),
    signature(result, keys),
    // Without a valid signature the claims are not certain, so none of them is "ok".
    ...said.slice(2).map((check) => (proven || check.state === "wrong" ? check : asUnknown(check))),
  ];
  if (result.ok) {
    // The verifier accepted the token, so no check can be wrong.
    return checks.map((check) => (check.state === "wrong" ? { ...check, state: "ok" } : check));
  }
  if (blamed === undefined || checks.some(({ name }) => name === blamed)) {
    return checks.map((check) => (check.name === blamed ? { ...check, state: "wrong" } : check));
  }
  return [
    ...checks,
    { name: blamed, state: "wrong", says: result.error.code.replaceAll("_", " ") },
  ];
}

/** Whether the signature is valid, even if another check failed. */
export function isProven(result: SafeResult<unknown>): boolean {
  return result.ok || (!isKeySetError(result.error) && result.error.verified);
}

/** The checks without keys. Nothing is proven, so a check is either wrong or unknown. */
export function outline(token: string, expected: Expectations): Check[] {
  const { header, payload } = decodeUnverified(token);
  const said = describeToken(header, payload, expected);
  const kid = own(header, "kid");
  const named = typeof kid === "string" ? `${kid}: ` : "";
  return [
    SPELT,
    ...said.slice(0, 2),
    { name: "key", state: "unknown", says: `${named}needs the key set` },
    { name: "signature", state: "unknown", says: "needs the key set" },
    ...said.slice(2).map((check) => (check.state === "wrong" ? check : asUnknown(check))),
  ];
}

const SPELT: Check = {
  name: "spelling",
  state: "ok",
  says: "three parts in base64url, JSON in two of them",
};

function asUnknown(check: Check): Check {
  return { ...check, state: "unknown" };
}

/** Returns the check that an error belongs to. */
export function blame({ code, claim }: TokenError): CheckName {
  switch (code) {
    case "algorithm_not_allowed":
      return "algorithm";
    case "header_unsupported":
      return "header";
    case "key_not_found":
      return "key";
    case "signature_invalid":
      return "signature";
    case "token_malformed":
      return "header";
    default:
      return CLAIMS[claim ?? ""] ?? "claims";
  }
}

const CLAIMS: { readonly [claim: string]: CheckName } = {
  __proto__: null as never,
  iss: "issuer",
  type: "type",
  aud: "audience",
  exp: "expiry",
  nbf: "start",
  iat: "start",
  sub: "principal",
  email: "principal",
};

function key(kid: unknown, keys: Keys, isProven: boolean): Check {
  const name = "key";
  if ("error" in keys) {
    const { says, fix } = explain(keys.error);
    return { name, state: "wrong", says: `${keys.from}: ${says}`, fix };
  }
  const usable = keys.reports.filter((report) => report.usable);
  if (kid === undefined) {
    const says = `the token names no key; all ${usable.length} of ${keys.from} are tried`;
    return { name, state: isProven ? "ok" : "unknown", says };
  }
  if (typeof kid !== "string") return { name, state: "wrong", says: "the kid is not a string" };
  if (usable.some((report) => report.kid === kid)) {
    return { name, state: "ok", says: `${kid}, of ${keys.from}` };
  }
  const skipped = keys.reports.find((report) => report.kid === kid);
  if (skipped !== undefined) {
    return { name, state: "wrong", says: `${kid} is there, but skipped: ${skipped.reason}` };
  }
  const published = usable.map((report) => report.kid ?? "one without kid").join(", ");
  return {
    name,
    state: "wrong",
    says: `${kid} is not among the keys of ${keys.from}: ${published}`,
    fix: "Log in again: the token may be older than the last two rotations. If that does not help, the token is another team's, or forged.",
  };
}

function signature(result: SafeResult<unknown>, keys: Keys): Check {
  const name = "signature";
  const error = result.ok ? undefined : result.error;
  if (error === undefined || (!isKeySetError(error) && error.verified)) {
    return { name, state: "ok", says: "made by that key" };
  }
  if (error.code === "signature_invalid") {
    return {
      name,
      state: "wrong",
      says: "not made by that key",
      fix: "Copy the whole token again. If that does not help, the token was changed or forged.",
    };
  }
  const isKeyless = "error" in keys || error.code === "key_not_found";
  const why = isKeyless ? "there is no key for it" : "an earlier check failed";
  return { name, state: "unknown", says: `not checked: ${why}` };
}
