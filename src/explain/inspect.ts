import { isKeySetError } from "../errors.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import { blame, isProven, type Keys, outline } from "./checklist.ts";
import { type Check, describeSpelling, type Expectations } from "./checks.ts";
import { type HeldKeys, hold } from "./hold.ts";
import type { KeyReport } from "./key-report.ts";
import { type Reason, reasonOf } from "./reason.ts";

/**
 * - `unreadable`: it is no token
 * - `unproven`: there are no keys to hold it against
 * - `undecided`: the keys could not be had
 * - `refused`: a guard does not let it in
 * - `genuine`: its key signed it, but no expected issuer and audience were given
 * - `accepted`: a guard lets it in
 */
export type Verdict = "unreadable" | "unproven" | "undecided" | "refused" | "genuine" | "accepted";

/** All that can be said of a token. */
export interface Inspection {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** The first thing that is wrong, in plain words. */
  readonly reason?: Reason | undefined;
  /** The error's code, and the status that a guard answers with. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly keys?: Keys | undefined;
  /** The key that signed it, when one did. */
  readonly signer?: KeyReport | undefined;
}

/** Holds a token against whatever is known, be it nothing, and says what came of it. */
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

/** Several keys can have one name, and a token may name none: each is tried alone. */
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
