import type { JsonObject } from "../encoding/json.ts";
import { hasOwn, own } from "../own.ts";
import { TokenError, type TokenErrorCode } from "../token-error.ts";

/** The rules for a payload. Times are seconds, as in the claims (RFC 7519 section 2). */
export interface ClaimsPolicy {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenAgeSeconds: number | undefined;
  readonly requiredClaims: readonly string[];
  /** For an Access token the `type` it must have; `undefined` for any other issuer's. */
  readonly tokenType: "app" | "org" | "any" | undefined;
}

/** Whether a payload names a service: Access leaves `sub` empty for one and sets `common_name`. */
export function namesService(payload: JsonObject): boolean {
  const sub = own(payload, "sub");
  const name = own(payload, "common_name");
  return (sub === undefined || sub === "") && typeof name === "string" && name !== "";
}

/**
 * Checks the claims that say what a token is for: issuer, type, audience. A token with other values is
 * refused, whatever its key.
 *
 * @param audience the policy's audience, or the part of it that a call asks for
 * @param verified whether the signature was checked before, for the error
 * @throws {TokenError} a `claim_*` or `*_mismatch` code
 */
export function checkPurpose(
  payload: JsonObject,
  policy: ClaimsPolicy,
  audience: readonly string[],
  verified: boolean,
): void {
  const iss = required(payload, "iss", verified);
  if (iss !== policy.issuer) {
    const code = typeof iss === "string" ? "issuer_mismatch" : "claim_invalid";
    throw refused(code, "iss", verified, policy.issuer, iss);
  }
  checkType(payload, policy, verified);
  checkAudience(payload, audience, verified);
}

/**
 * Checks that a token has not expired: `exp` (RFC 7519 section 4.1.4).
 *
 * @param now seconds since the epoch
 * @throws {TokenError} `claim_missing`, `claim_invalid` or `token_expired`
 */
export function checkExpiry(
  payload: JsonObject,
  { clockToleranceSeconds: tolerance }: ClaimsPolicy,
  now: number,
  verified: boolean,
): void {
  const exp = seconds(required(payload, "exp", verified), "exp", verified);
  // Comparisons are written so that a NaN on either side refuses.
  if (!(now < exp + tolerance)) throw refused("token_expired", "exp", verified, now, exp);
}

/**
 * The one rule for time, applied when a token is accepted and again at each use of a remembered verdict:
 * `exp`, `nbf`, `iat` and the age (RFC 7519 section 4.1).
 *
 * @param now seconds since the epoch
 * @throws {TokenError} `claim_missing`, `claim_invalid`, `token_expired` or `token_not_yet_valid`
 */
export function checkTime(payload: JsonObject, policy: ClaimsPolicy, now: number): void {
  checkExpiry(payload, policy, now, true);
  const { clockToleranceSeconds: tolerance, maxTokenAgeSeconds: maxAge } = policy;
  checkStart(payload, "nbf", tolerance, now);
  checkStart(payload, "iat", tolerance, now);
  if (maxAge === undefined) return;
  const iat = required(payload, "iat", true) as number;
  if (!(now <= iat + maxAge + tolerance)) throw refused("token_expired", "iat", true, now, iat);
}

function checkStart(payload: JsonObject, claim: string, tolerance: number, now: number): void {
  const value = own(payload, claim);
  if (value !== undefined && !(seconds(value, claim, true) <= now + tolerance)) {
    throw refused("token_not_yet_valid", claim, true, now, value);
  }
}

/**
 * Checks the whole payload of a token whose signature is valid (RFC 7519 section 4.1).
 *
 * @param audience the policy's audience, or the part of it that a call asks for
 * @param now seconds since the epoch
 * @throws {TokenError} for the first claim that is wrong
 */
export function checkPayload(
  payload: JsonObject,
  policy: ClaimsPolicy,
  audience: readonly string[],
  now: number,
): void {
  checkPurpose(payload, policy, audience, true);
  checkTime(payload, policy, now);
  for (const claim of policy.requiredClaims) required(payload, claim, true);
  for (const claim of ["sub", "jti"]) {
    const value = own(payload, claim);
    if (value !== undefined && typeof value !== "string") {
      throw refused("claim_invalid", claim, true, "string", value);
    }
  }
  // A security event token reports about a session; it is not a session (RFC 8417).
  if (policy.tokenType === undefined && hasOwn(payload, "events")) {
    throw refused("token_type_mismatch", "events", true);
  }
}

function checkType(payload: JsonObject, policy: ClaimsPolicy, verified: boolean): void {
  const { tokenType } = policy;
  if (tokenType === undefined) return;
  let type = own(payload, "type");
  // Early service tokens had no type. For them alone, a missing type means "app".
  if (type === undefined && namesService(payload)) type = "app";
  // "any" means one of the two kinds of session. The "meta" token, given before a log-in, is neither.
  if (type === "app" || type === "org") {
    if (tokenType === type || tokenType === "any") return;
  }
  const code = type === undefined ? "claim_missing" : "token_type_mismatch";
  throw refused(code, "type", verified, tokenType, type);
}

/** Checks the audience alone, for a payload whose signature and types were checked before. */
export function checkAudience(
  payload: JsonObject,
  audience: readonly string[],
  verified: boolean,
): void {
  const aud = required(payload, "aud", verified);
  const values: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  let found = false;
  for (const value of values) {
    if (typeof value !== "string") {
      throw refused("claim_invalid", "aud", verified, "string or array of strings", aud);
    }
    for (const tag of audience) found ||= tag === value;
  }
  if (!found) throw refused("audience_mismatch", "aud", verified, audience, aud);
}

function required(payload: JsonObject, claim: string, verified: boolean): unknown {
  if (!hasOwn(payload, claim)) throw refused("claim_missing", claim, verified);
  return payload[claim];
}

function seconds(value: unknown, claim: string, verified: boolean): number {
  if (Number.isFinite(value)) return value as number;
  throw refused("claim_invalid", claim, verified, "finite number", value);
}

function refused(
  code: TokenErrorCode,
  claim: string,
  verified: boolean,
  expected?: unknown,
  actual?: unknown,
): TokenError {
  return new TokenError(code, { claim, verified, expected, actual });
}
