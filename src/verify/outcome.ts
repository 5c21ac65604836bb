import { isKeySetError, isTokenError, TokenError } from "../errors.ts";
import type { Verified } from "./decision.ts";
import type { CallOptions, Check, SafeResult } from "./options.ts";
import type { Verdict } from "./verdict-cache.ts";

/** Asks the application, for every caller, whatever was remembered. */
export function accept(
  { policy: { check }, verified, text }: Verdict,
  call: CallOptions,
): Verified | Promise<Verified> {
  return check === undefined ? verified : applyCheck(check, verified, call, text);
}

async function applyCheck(
  check: Check<never>,
  verified: Verified,
  call: CallOptions,
  token: string,
): Promise<Verified> {
  const answer: unknown = await check(verified as never, call, token);
  if (isYes(answer)) return verified;
  throw new TokenError("forbidden", { verified: true });
}

/** What `check` answers for a yes. Any other answer, a string, `null` or a promise included, is not one. */
export function isYes(answer: unknown): boolean {
  return answer === undefined || answer === true;
}

export async function asValue<T>(verdict: Promise<T>): Promise<SafeResult<T>> {
  try {
    return { ok: true, value: await verdict };
  } catch (error) {
    if (isTokenError(error) || isKeySetError(error)) return { ok: false, error };
    throw error;
  }
}
