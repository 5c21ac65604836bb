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
  // Any other answer, a string or `null` included, is not a yes.
  if (answer === undefined || answer === true) return verified;
  throw new TokenError("forbidden", { verified: true });
}

export async function asValue<T>(verdict: Promise<T>): Promise<SafeResult<T>> {
  try {
    return { ok: true, value: await verdict };
  } catch (error) {
    if (isTokenError(error) || isKeySetError(error)) return { ok: false, error };
    throw error;
  }
}
