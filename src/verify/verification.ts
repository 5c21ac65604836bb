import { type Principal, readPrincipal } from "../access/principal.ts";
import { mistake } from "../caller-mistakes.ts";
import { deepFreeze, own } from "../encoding/json.ts";
import { isKeySetError, KeySetError, TokenError } from "../errors.ts";
import type { KeyLookup, VerificationKey } from "../keys/key-set.ts";
import { checkClaims, checkStanding } from "../token/claims.ts";
import { type CompactToken, parseCompact } from "../token/compact.ts";
import { checkHeader } from "../token/header.ts";
import type { JwtHeader, JwtPayload, VerifiedToken } from "../token/types.ts";
import type { CallOptions, Entry, Settled } from "./options.ts";
import { findSigner } from "./signature.ts";

type Keys = readonly VerificationKey[];

/** What the pipeline ends in; for a team it has a principal. */
export type Verified = VerifiedToken & { readonly principal?: Principal };

/** A token that could be read, with all that will decide about it. */
export interface Candidate {
  readonly token: CompactToken;
  readonly header: JwtHeader;
  readonly entry: Entry;
  /** The audiences that this call accepts. */
  readonly audience: readonly string[];
  readonly lookup: KeyLookup;
  /** The keys that are known without waiting. */
  readonly known: Keys;
}

/**
 * Reads a token as far as nobody has to wait.
 *
 * @throws {TokenError} for one that cannot be read, or asks for what we do not do
 */
export function inspect(text: unknown, call: CallOptions, settled: Settled): Candidate {
  const token = parseCompact(text, settled.maxTokenBytes);
  const entry = route(own(token.payload, "iss"), settled.entries);
  const header = checkHeader(token.header, entry.acceptedHeaderTypes);
  const iat = own(token.payload, "iat");
  const lookup = {
    signal: call.signal,
    waitUntil: call.waitUntil,
    issuedAt: typeof iat === "number" ? iat * 1000 : undefined,
  };
  const audience = narrow(entry, call);
  return { token, header, entry, audience, lookup, known: known(entry, header, lookup) };
}

/**
 * Decides about a token: signature before claims, so that a forged one is called forged.
 *
 * @throws {TokenError} (rejects) it must not be let in
 * @throws {KeySetError} (rejects) the keys could not be had
 */
export async function decide(candidate: Candidate, now: () => number): Promise<Verified> {
  const { token, header, entry, audience, lookup } = candidate;
  const { payload } = token;
  let keys = candidate.known;
  if (keys.length === 0) {
    // Whom no key could help is refused before anyone fetches or waits for one.
    checkStanding(payload, entry, audience, seconds(now), false);
    keys = await find(entry, header, lookup);
    if (keys.length === 0) throw new TokenError("key_not_found", { kid: header.kid });
  }
  const signer = await findSigner(token, keys);
  if (signer === undefined) throw new TokenError("signature_invalid", { kid: header.kid });
  const time = seconds(now);
  checkStanding(payload, entry, audience, time, true);
  checkClaims(payload, entry, time);
  const { issuer, tokenType } = entry;
  const claims = deepFreeze(payload) as unknown as JwtPayload;
  const verified = { payload: claims, header: deepFreeze(header), issuer };
  if (tokenType === undefined) return Object.freeze(verified);
  return Object.freeze({ ...verified, principal: Object.freeze(readPrincipal(payload, issuer)) });
}

/** Several issuers are told apart by an exact `iss`, the one use of an unverified claim. */
function route(iss: unknown, entries: ReadonlyMap<string, Entry>): Entry {
  // One issuer's claim is compared after the signature, so that a forged token is called forged.
  const [only] = entries.values();
  const entry = entries.size === 1 ? only : entries.get(iss as string);
  if (entry !== undefined) return entry;
  const code = iss === undefined ? "claim_missing" : "issuer_mismatch";
  throw new TokenError(code, { claim: "iss", actual: iss });
}

/** A call may only narrow what was configured. */
function narrow({ audience }: Entry, call: CallOptions): readonly string[] {
  if (call.audience === undefined) return audience;
  return audience.filter((tag) => [call.audience].flat().includes(tag));
}

function seconds(now: () => number): number {
  const time = now();
  // A clock that tells no time must let nobody in.
  if (!Number.isFinite(time)) throw mistake("now()", "a finite number", time);
  return time / 1000;
}

async function find({ keys }: Entry, header: JwtHeader, lookup: KeyLookup): Promise<Keys> {
  try {
    return asKeys(await keys.find(header, lookup));
  } catch (error) {
    throw foreign(error);
  }
}

function known({ keys }: Entry, header: JwtHeader, lookup: KeyLookup): Keys {
  try {
    return asKeys(keys.known?.(header, lookup) ?? []);
  } catch (error) {
    throw foreign(error);
  }
}

/** Whatever a key set throws says the same: nothing can be told about the token. */
function foreign(error: unknown): KeySetError {
  return isKeySetError(error) ? error : new KeySetError("fetch_failed", { cause: error });
}

function asKeys(keys: unknown): Keys {
  if (Array.isArray(keys)) return keys;
  throw new KeySetError("jwks_malformed");
}
