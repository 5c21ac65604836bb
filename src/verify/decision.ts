import { type Principal, readPrincipal } from "../access/principal.ts";
import { deepFreeze, type JsonObject } from "../encoding/json.ts";
import type { VerificationKey } from "../keys/jwk.ts";
import { own } from "../own.ts";
import { type ClaimsPolicy, checkAudience, checkPayload, checkTime } from "../token/claims.ts";
import {
  type CompactToken,
  copyText,
  parseCompact,
  parseHeader,
  parsePayload,
  readPart,
} from "../token/compact.ts";
import { checkHeader, type HeaderPolicy } from "../token/header.ts";
import type { JwtHeader, JwtPayload, VerifiedToken } from "../token/types.ts";
import { TokenError } from "../token-error.ts";
import { SignatureCheck } from "./signature.ts";

declare const accepted: unique symbol;

/**
 * The result for an accepted token. The mark exists for the compiler alone: only this file can make a
 * value of this type, so only this file can accept a token.
 */
export type Verified = VerifiedToken & {
  readonly principal?: Principal;
  readonly [accepted]: true;
};

/** The rules for the tokens of one issuer. */
export interface Policy extends ClaimsPolicy, HeaderPolicy {}

/** The issuers whose tokens can be accepted. */
export interface Issuers<P extends Policy> {
  readonly byIssuer: ReadonlyMap<string, P>;
  /** The one issuer, where there is one: its claim is compared after the signature. */
  readonly only: P | undefined;
}

type Keys = readonly VerificationKey[];

/** A token that was parsed. Nothing in it is verified yet. */
export interface ReadToken<P extends Policy = Policy> {
  readonly compact: CompactToken;
  readonly header: JwtHeader;
  /** Read already, where the issuer had to be known from it. */
  readonly payload: JsonObject | undefined;
  readonly policy: P;
}

/** An accepted token, with all that is checked again before it is accepted again. */
export interface Verdict<P extends Policy = Policy> {
  readonly text: string;
  readonly verified: Verified;
  readonly policy: P;
  readonly signer: VerificationKey;
  readonly [accepted]: true;
}

/** All that is needed to decide about a parsed token. */
export interface Question<P extends Policy, T> {
  readonly token: ReadToken<P>;
  /** The keys that may have signed it. */
  readonly keys: Keys;
  readonly audience: readonly string[];
  /** Seconds since the epoch. */
  readonly seconds: () => number;
  /** Called for a token that no key verified although its claims pass: its key may have been replaced. */
  readonly onUnsigned: () => void;
  /** Takes the verdict; what it returns or throws is the answer. */
  readonly finish: (verdict: Verdict<P>) => T | Promise<T>;
}

const MAX_HEADERS = 16;

/**
 * A payload of up to this many characters is parsed while its signature is being verified on another
 * thread. A longer one waits for the signature, so that forged tokens cannot fill the memory.
 */
const SHORT_PAYLOAD = 4096;

/** Takes a token from its text to a verdict: read, then decide. It fetches nothing. */
export class Decision<P extends Policy> {
  readonly maxTokenBytes: number;
  readonly signatures: SignatureCheck;
  // A team's tokens share one or two headers: comparing takes 0.1 µs, hashing a new string 0.4. Only
  // headers of accepted tokens are kept.
  readonly headers: { spelling: string; header: JwtHeader; policy: Policy }[] = [];

  /** @param unusable makes the error for a key set that supplies a key that is not for RS256 */
  constructor(maxTokenBytes: number, unusable: (cause: unknown) => Error) {
    this.maxTokenBytes = maxTokenBytes;
    this.signatures = new SignatureCheck(unusable);
  }

  /**
   * Parses a token, finds its issuer and checks its header.
   *
   * @throws {TokenError} for every mistake that shows without a key
   */
  read(text: unknown, { only, byIssuer }: Issuers<P>): ReadToken<P> {
    const compact = parseCompact(text, this.maxTokenBytes);
    const { headerText } = compact;
    const known = this.headers.find(({ spelling }) => spelling === headerText);
    const parsed = known === undefined ? parseHeader(headerText) : known.header;
    let payload: JsonObject | undefined;
    let policy = only;
    if (policy === undefined) {
      payload = parsePayload(compact);
      policy = route(payload, byIssuer);
    }
    // Each issuer has its own rules for headers.
    const header = known?.policy === policy ? known.header : checkHeader(parsed, policy);
    return { compact, header, payload, policy };
  }

  /**
   * Accepts a token or rejects: signature, claims, principal, in this order, so that a forged token is
   * called forged.
   *
   * @throws {TokenError} (rejects) the token must not be let in
   * @throws (rejects) what `unusable` made
   */
  async decide<T>(question: Question<P, T>): Promise<T> {
    const { token, keys, audience, seconds } = question;
    const { compact, header, policy } = token;
    const signing = this.signatures.findSigner(compact, keys);
    let { payload } = token;
    if (payload === undefined && compact.payloadText.length <= SHORT_PAYLOAD) {
      payload = readPart(compact.payloadText);
    }
    const signer = await signing;
    payload ??= parsePayload(compact);
    if (signer === undefined) {
      if (wouldPass(payload, policy, audience, seconds())) question.onUnsigned();
      throw new TokenError("signature_invalid", { kid: header.kid });
    }
    checkPayload(payload, policy, audience, seconds());
    const verified = accept(payload, header, policy);
    if (!this.headers.some((known) => known.header === header)) {
      const spelling = copyText(compact, compact.headerText.length);
      this.headers.unshift({ spelling, header, policy });
      this.headers.length = Math.min(this.headers.length, MAX_HEADERS);
    }
    return question.finish({ text: compact.text, verified, policy, signer } as Verdict<P>);
  }
}

/**
 * Checks a remembered verdict again: the same text, a key that is still in the set, its time, and the
 * audience of this call.
 *
 * @param now seconds since the epoch
 * @throws {TokenError} `token_expired`, `token_not_yet_valid` or `audience_mismatch`
 */
export function stillHolds(
  { text: accepted, verified, policy, signer }: Verdict,
  text: string,
  keys: Keys,
  audience: readonly string[],
  now: number,
): boolean {
  if (accepted !== text) return false;
  if (!keys.some((key) => key?.cryptoKey === signer.cryptoKey)) return false;
  checkTime(verified.payload, policy, now);
  if (audience !== policy.audience) checkAudience(verified.payload, audience, true);
  return true;
}

/** Several issuers are told apart by an exact `iss`, the one use of an unverified claim. */
function route<P>(payload: JsonObject, byIssuer: ReadonlyMap<string, P>): P {
  const iss = own(payload, "iss");
  const policy = byIssuer.get(iss as string);
  if (policy !== undefined) return policy;
  const code = iss === undefined ? "claim_missing" : "issuer_mismatch";
  throw new TokenError(code, { claim: "iss", actual: iss });
}

/** The verdict with a copy of its text, for the cache: a slice would keep the whole header in memory. */
export function detach<P extends Policy>(verdict: Verdict<P>, compact: CompactToken): Verdict<P> {
  return { ...verdict, text: copyText(compact) };
}

function wouldPass(...claims: Parameters<typeof checkPayload>): boolean {
  try {
    checkPayload(...claims);
    return true;
  } catch {
    // They would be refused.
  }
  return false;
}

/**
 * Makes the result from claims and a (frozen) header that passed. It is deep-frozen, because every
 * request with the same token gets the same object.
 *
 * @throws {TokenError} `claim_invalid` when an Access token names neither a user nor a service
 */
function accept(payload: JsonObject, header: JwtHeader, { issuer, tokenType }: Policy): Verified {
  const claims = deepFreeze(payload) as JwtPayload;
  if (tokenType === undefined)
    return Object.freeze({ payload: claims, header, issuer }) as Verified;
  const principal = Object.freeze(readPrincipal(payload, issuer));
  return Object.freeze({ payload: claims, header, issuer, principal }) as Verified;
}
