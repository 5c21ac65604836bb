import { mistake } from "../caller-mistakes.ts";
import type { JsonObject } from "../encoding/json.ts";
import { asKeySetError, KeySetError, TokenError } from "../errors.ts";
import type { KeyLookup, LookupHeader, VerificationKey } from "../keys/key-set.ts";
import { own } from "../own.ts";
import { checkAudience, checkClaims, checkStanding, validity } from "../token/claims.ts";
import { type CompactToken, parseCompact, parseHeader, parsePart } from "../token/compact.ts";
import { checkHeader } from "../token/header.ts";
import type { JwtHeader } from "../token/types.ts";
import type { CallOptions } from "./options.ts";
import type { Entries, Entry, Settled } from "./settle.ts";
import { SignatureCheck } from "./signature.ts";
import { type Verdict, VerdictCache } from "./verdict-cache.ts";
import { type Verified, verifiedToken } from "./verified.ts";

type Keys = readonly VerificationKey[];

/** A token that could be read, with all that will decide about it. */
export interface Candidate {
  readonly text: string;
  readonly token: CompactToken;
  readonly header: JwtHeader;
  /** Read already where something had to be known from it. */
  readonly payload: JsonObject | undefined;
  readonly entry: Entry;
  readonly call: CallOptions;
  /** The keys that are known without waiting. */
  readonly known: Keys;
}

/** The header of a token that was accepted, as it is spelt. */
interface KnownHeader {
  readonly spelling: string;
  readonly header: JwtHeader;
  readonly entry: Entry;
}

/** The way of one token from a string to a verdict. */
export interface Verification {
  /**
   * The verdict on a token that was accepted before, when all that can change still holds.
   *
   * @param entries whose tokens are good for anything here
   */
  recall(text: unknown, call: CallOptions, entries: Entries): Verdict | undefined;
  /** Reads a token as far as nobody has to wait; throws a {@link TokenError}. */
  inspect(text: unknown, call: CallOptions, entries: Entries): Candidate;
  /** Decides about a token; rejects with a {@link TokenError} or a {@link KeySetError}. */
  decide(candidate: Candidate): Promise<Verdict>;
}

const MAX_HEADERS = 16;
const utf8 = new TextDecoder();

export function createVerification({ maxTokenBytes, maxVerdicts, now }: Settled): Verification {
  const signatures = new SignatureCheck();
  const verdicts = maxVerdicts === 0 ? undefined : new VerdictCache(maxVerdicts);
  // Headers of accepted tokens: a team's tokens share one or two, found by comparing (0.1 µs) sooner
  // than by hashing a new string (0.4).
  const headers: KnownHeader[] = [];

  function seconds(): number {
    const time = now();
    // A clock that tells no time must let nobody in.
    if (!Number.isFinite(time)) throw mistake("now()", "a finite number", time);
    return time / 1000;
  }

  return {
    recall(text, call, entries) {
      const verdict = typeof text === "string" ? verdicts?.get(text) : undefined;
      if (verdict === undefined) return undefined;
      const { entry, signer, validity, verified } = verdict;
      if (entries.get(entry.issuer) !== entry) return undefined;
      const time = seconds();
      // What holds no longer is decided, and told, the long way.
      if (!(time >= validity.from && time < validity.until)) return undefined;
      const { cryptoKey } = signer;
      const known = knownKeys(entry, verified.header, call);
      if (!known.some((key) => key?.cryptoKey === cryptoKey)) return undefined;
      if (call.audience !== undefined) checkAudience(verified.payload, narrow(entry, call), true);
      return verdict;
    },

    inspect(text, call, entries) {
      const token = parseCompact(text, maxTokenBytes);
      const seen = headers.find(({ spelling }) => spelling === token.headerText);
      const parsed = seen === undefined ? parseHeader(token.headerText) : seen.header;
      let [entry] = entries.values();
      let payload: JsonObject | undefined;
      // One issuer's claim is compared after the signature, so that a forged token is called forged.
      if (entry === undefined || entries.size > 1) {
        payload = readPayload(token);
        entry = route(payload, entries);
      }
      // What one issuer's tokens may have in a header, another's may not.
      const header = seen?.entry === entry ? seen.header : checkHeader(parsed, entry);
      const known = knownKeys(entry, header, call);
      return { text: text as string, token, header, payload, entry, call, known };
    },

    async decide({ text, token, header, payload: read, entry, call, known }) {
      const audience = narrow(entry, call);
      let payload = read;
      let keys = known;
      if (keys.length === 0) {
        // Whom no key could help is refused before anyone fetches or waits for one.
        payload ??= readPayload(token);
        checkStanding(payload, entry, audience, seconds(), false);
        keys = await findKeys(entry, header, payload, call);
        if (keys.length === 0) throw new TokenError("key_not_found", { kid: header.kid });
      }
      // The payload is read and judged while the signature is being verified on another thread, but
      // the signature has the first word, so that a forged token is called forged.
      const signing = signatures.findSigner(text, token, keys);
      let verified: Verified | undefined;
      let refusal: unknown;
      try {
        payload ??= readPayload(token);
        verified = judge(payload, header, entry, audience);
      } catch (error) {
        refusal = error;
      }
      const signer = await signing;
      if (payload === undefined) throw refusal;
      if (signer === undefined) throw new TokenError("signature_invalid", { kid: header.kid });
      if (verified === undefined) throw refusal;
      if (!headers.some((seen) => seen.header === header)) {
        const spelling = detached(token, token.headerText.length);
        headers.unshift({ spelling, header, entry });
        headers.length = Math.min(headers.length, MAX_HEADERS);
      }
      const cache = entry.keys.known === undefined ? undefined : verdicts;
      const verdict: Verdict = {
        text: cache === undefined ? text : detached(token, text.length),
        verified,
        entry,
        signer,
        validity: validity(payload, entry),
      };
      cache?.set(verdict);
      return verdict;
    },
  };

  function judge(
    payload: JsonObject,
    header: JwtHeader,
    entry: Entry,
    audience: readonly string[],
  ): Verified {
    const time = seconds();
    checkStanding(payload, entry, audience, time, true);
    checkClaims(payload, entry, time);
    return verifiedToken(payload, header, entry);
  }
}

/** Engines keep the whole of a string alive for a slice of it: here, all of a request's cookies. */
function detached({ bytes }: CompactToken, length: number): string {
  return utf8.decode(bytes.subarray(0, length));
}

function readPayload(token: CompactToken): JsonObject {
  return parsePart(token.payloadText, "payload");
}

/** Several issuers are told apart by an exact `iss`, the one use of an unverified claim. */
function route(payload: JsonObject, entries: Entries): Entry {
  const iss = own(payload, "iss");
  const entry = entries.get(iss as string);
  if (entry !== undefined) return entry;
  const code = iss === undefined ? "claim_missing" : "issuer_mismatch";
  throw new TokenError(code, { claim: "iss", actual: iss });
}

/** A call may only narrow what was configured. */
function narrow({ audience }: Entry, call: CallOptions): readonly string[] {
  if (call.audience === undefined) return audience;
  const wanted = [call.audience].flat();
  return audience.filter((tag) => wanted.includes(tag));
}

function knownKeys({ keys }: Entry, header: LookupHeader, call: CallOptions): Keys {
  try {
    return asKeys(keys.known?.(header, call) ?? []);
  } catch (error) {
    throw asKeySetError(error);
  }
}

async function findKeys(
  { keys }: Entry,
  header: LookupHeader,
  payload: JsonObject,
  { signal, waitUntil }: CallOptions,
): Promise<Keys> {
  const iat = own(payload, "iat");
  const issuedAt = typeof iat === "number" ? iat * 1000 : undefined;
  const lookup: KeyLookup = { signal, waitUntil, issuedAt };
  try {
    return asKeys(await keys.find(header, lookup));
  } catch (error) {
    throw asKeySetError(error);
  }
}

function asKeys(keys: unknown): Keys {
  if (Array.isArray(keys)) return keys;
  throw new KeySetError("jwks_malformed");
}
