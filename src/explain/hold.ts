import { accessTeam } from "../access/team.ts";
import { isKeySetError, KeySetError } from "../errors.ts";
import type { Jwk } from "../keys/jwk-set.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createStaticKeySet } from "../keys/static-key-set.ts";
import { own } from "../own.ts";
import { decodeUnverified } from "../token/decode-unverified.ts";
import type { SafeResult, Verifier } from "../verify/options.ts";
import { createVerifier } from "../verify/verifier.ts";
import { checklist, type Keys } from "./checklist.ts";
import type { Check, Expectations } from "./checks.ts";
import { reportKeys } from "./key-report.ts";

/** The entries of a JWK set and where they are from, or why there are none. */
export type HeldKeys =
  | { readonly from: string; readonly entries: readonly unknown[] }
  | { readonly from: string; readonly error: KeySetError };

/** What a guard makes of a token, check by check. */
export interface Held {
  readonly result: SafeResult<object>;
  readonly checks: readonly Check[];
  readonly keys: Keys;
}

/** Holds a token against keys, as a guard would, and explains what came of it. */
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
    // So that a known key is known at once: a forged token is then called forged.
    await keySet.prefetch?.();
    return { keys: { from, reports }, keySet };
  } catch (error) {
    if (!isKeySetError(error)) throw error;
    return { keys: { from, error }, keySet: { find: () => Promise.reject(error) } };
  }
}

/** What was not given is taken from the token, and stays an open question. */
function verifierFor(token: string, expected: Expectations, keys: KeySet): Verifier<object> {
  const claimed = claims(token);
  const issuer = expected.issuer ?? (claimed("iss")[0] || "nobody");
  const audience = expected.audience ?? claimed("aud");
  const { tokenType, toleranceSeconds: clockToleranceSeconds, now } = expected;
  const shared = {
    audience: audience.length === 0 ? "nobody" : audience,
    keys,
    clockToleranceSeconds,
    now: () => now,
  };
  return tokenType !== undefined && isTeam(issuer)
    ? createVerifier({ team: issuer, tokenType, ...shared })
    : createVerifier({ issuer, ...shared });
}

/** The texts that a claim holds; what is no text is for the verifier to refuse. */
function claims(token: string): (name: string) => readonly string[] {
  try {
    const { payload } = decodeUnverified(token);
    return (name) => [own(payload, name)].flat().filter(isNamed);
  } catch {
    return () => [];
  }
}

function isNamed(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTeam(issuer: string): boolean {
  try {
    return accessTeam(issuer).issuer === issuer;
  } catch {
    return false;
  }
}
