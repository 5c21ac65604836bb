import { accessTeam } from "../access/team.ts";
import { refuseWrapped } from "../caller-mistakes.ts";
import { isKeySetError, KeySetError } from "../errors.ts";
import type { Jwk } from "../keys/jwk-set.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createStaticKeySet } from "../keys/static-key-set.ts";
import { own } from "../own.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { SafeResult, Verifier } from "../verify/options.ts";
import { createVerifier } from "../verify/verifier.ts";
import { checklist, type Keys } from "./checklist.ts";
import type { Check, Expectations } from "./checks.ts";
import { reportKeys } from "./key-report.ts";

/** The entries of a JWK set and their source, or why there are none. */
export type HeldKeys =
  | { readonly from: string; readonly entries: readonly unknown[] }
  | { readonly from: string; readonly error: KeySetError };

/** A guard's result for a token, and each check. */
export interface Held {
  readonly result: SafeResult<object>;
  readonly checks: readonly Check[];
  readonly keys: Keys;
}

/** Verifies a token with keys, as a guard would, and explains the result. */
export async function hold(token: string, expected: Expectations, held: HeldKeys): Promise<Held> {
  const { keys, keySet } = await prepare(held);
  const result = await verifierFor(token, expected, keySet).safeVerify(token);
  return { result, checks: checklist(token, result, keys, expected), keys };
}

async function prepare(held: HeldKeys): Promise<{ keys: Keys; keySet: KeySet }> {
  const { from } = held;
  try {
    if ("error" in held) throw held.error;
    const reports = await reportKeys(held.entries);
    if (!reports.some(({ usable }) => usable)) throw new KeySetError("no_usable_keys");
    const keySet = createStaticKeySet({ keys: held.entries as readonly Jwk[] });
    // Keys must be imported first, or a forged token would not be reported as forged.
    await keySet.prefetch?.();
    return { keys: { from, reports }, keySet };
  } catch (error) {
    if (!isKeySetError(error)) throw error;
    return { keys: { from, error }, keySet: { find: () => Promise.reject(error) } };
  }
}

/** Uses the token's own issuer and audience where none is expected. Those two then stay unproven. */
function verifierFor(token: string, expected: Expectations, keys: KeySet): Verifier<object> {
  const claimed = claims(token);
  const { tokenType, toleranceSeconds: clockToleranceSeconds, now } = expected;
  const issuers = expected.issuer === undefined ? claimed("iss").slice(0, 1) : [expected.issuer];
  const [issuer = IN_NO_TOKEN] = usable(issuers, false);
  const isAccess = tokenType !== undefined && isTeam(issuer);
  const audience = usable(expected.audience ?? claimed("aud"), isAccess);
  const shared = {
    audience: audience.length === 0 ? IN_NO_TOKEN : audience,
    keys,
    clockToleranceSeconds,
    now: () => now,
  };
  return isAccess
    ? createVerifier({ team: issuer, tokenType, ...shared })
    : createVerifier({ issuer, ...shared });
}

/** An issuer or audience that no token has, because it is as long as the longest token. */
const IN_NO_TOKEN = "-".repeat(MAX_TOKEN_BYTES);

/** Leaves out the values that no verifier can be told, because no guard accepts a token for one of them. */
function usable(texts: readonly string[], isWord: boolean): readonly string[] {
  return texts.filter((text) => {
    try {
      refuseWrapped("claim", text, isWord);
      return text !== "";
    } catch {
      return false;
    }
  });
}

/** Reads the strings in a claim. The verifier refuses all other values. */
function claims(token: string): (name: string) => readonly string[] {
  try {
    const { payload } = decodeUnverified(token);
    return (name) => [own(payload, name)].flat().filter((value) => typeof value === "string");
  } catch {
    return () => [];
  }
}

function isTeam(issuer: string): boolean {
  try {
    return accessTeam(issuer).issuer === issuer;
  } catch {
    return false;
  }
}
