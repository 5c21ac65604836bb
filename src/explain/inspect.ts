import { isKeySetError } from "../errors.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import { blame, isProven, type Keys, outline } from "./checklist.ts";
import { type Check, describeSpelling, type Expectations } from "./checks.ts";
import { type HeldKeys, hold } from "./hold.ts";
import type { KeyReport } from "./key-report.ts";
import { type Reason, reasonOf } from "./reason.ts";

/**
 * - `unreadable`: it is not a token
 * - `unproven`: no keys were given
 * - `undecided`: the keys could not be fetched or used
 * - `refused`: a guard refuses it
 * - `genuine`: the signature is valid, but no expected team or no expected application was given
 * - `accepted`: a guard accepts it
 */
export type Verdict = "unreadable" | "unproven" | "undecided" | "refused" | "genuine" | "accepted";

/** Everything that can be said about a token. */
export interface Inspection {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** Explains the first check that failed. */
  readonly reason?: Reason | undefined;
  /** The code of the error. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly keys?: Keys | undefined;
  /** The key that signed it, when one did. */
  readonly signer?: KeyReport | undefined;
}

/** Checks a token with the keys and expected values that are given, and explains the result. */
export async function inspect(
  token: string,
  expected: Expectations,
  held?: HeldKeys,
): Promise<Inspection> {
  if (!isReadable(token)) {
    const checks = [describeSpelling(token)];
    return { verdict: "unreadable", checks, reason: reasonOf(checks, "spelling") };
  }
  if (held === undefined) {
    const checks = outline(token, expected);
    return { verdict: "unproven", checks, reason: reasonOf(checks) };
  }
  const { result, checks, keys } = await hold(token, expected, held);
  const signer = await signerOf(token, expected, held, keys);
  if (result.ok) {
    const isOpen = expected.issuer === undefined || expected.audience === undefined;
    return { verdict: isOpen ? "genuine" : "accepted", checks, keys, signer };
  }
  const { code, status } = result.error;
  if (isKeySetError(result.error)) {
    const reason = reasonOf(checks, "key");
    return { verdict: "undecided", checks, code, status, keys, reason };
  }
  const reason = reasonOf(checks, blame(result.error));
  return { verdict: "refused", checks, code, status, keys, reason, signer };
}

/** Tries each key alone, because two keys can have the same kid, and a token may have none. */
async function signerOf(
  token: string,
  expected: Expectations,
  held: HeldKeys,
  keys: Keys,
): Promise<KeyReport | undefined> {
  if ("error" in held || "error" in keys) return undefined;
  for (const [at, report] of keys.reports.entries()) {
    if (!report.usable) continue;
    const { result } = await hold(token, expected, { ...held, entries: [held.entries[at]] });
    if (isProven(result)) return report;
  }
  return undefined;
}

function isReadable(token: string): boolean {
  try {
    decodeUnverified(token);
    return true;
  } catch {
    return false;
  }
}
