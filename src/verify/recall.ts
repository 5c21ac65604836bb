import type { Principal } from "../access/principal.ts";
import type { RequestLike } from "../access/request.ts";
import { unlessPromise } from "../caller-mistakes.ts";
import type { VerifiedToken } from "../token/types.ts";
import { NOTHING_ADDED } from "./call.ts";
import { isSamePrincipal } from "./candidates.ts";
import type { Issuers, Verified } from "./decision.ts";
import type { CallOptions, Verifier } from "./options.ts";
import { isYes } from "./outcome.ts";
import type { Entry } from "./settle-entry.ts";
import type { Verdict } from "./verdict-cache.ts";

export type AnyVerified = VerifiedToken & { readonly principal?: Principal };

/** The tokens of a request, and the issuers that they may be from. */
export interface Tokens {
  readonly texts: readonly unknown[];
  readonly wanted: Issuers<Entry>;
}

/** A verifier, and two of its steps for callers that cannot wait for a promise. */
export interface OpenVerifier {
  readonly verifier: Verifier<AnyVerified>;
  tokensOf(request: RequestLike): Tokens;
  /** The verdict on a token that was accepted before, when all that can change still holds. */
  recall(text: unknown, call: CallOptions, wanted: Issuers<Entry>): Verdict | undefined;
}

/**
 * The result for the one token of a request, if it was accepted before, still holds, and `check` accepts it
 * without a promise. For any other request it is `undefined`: then call `verifyRequest`, which calls
 * `check` again.
 */
export function recallRequest(open: OpenVerifier, request: RequestLike): Verified | undefined {
  try {
    const { texts, wanted } = open.tokensOf(request);
    return texts.length === 1 ? recallText(open, texts.at(0), wanted) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The token for which a request was accepted just now. Of several, it is the first that is remembered as
 * accepted and names the same principal, or `undefined` when none is.
 */
export function acceptedToken(
  open: OpenVerifier,
  request: RequestLike,
  accepted: VerifiedToken,
): string | undefined {
  const { texts, wanted } = open.tokensOf(request);
  if (texts.length === 1) return String(texts.at(0));
  const found = texts.find((text) => {
    const verified = recallText(open, text, wanted);
    return verified !== undefined && isSamePrincipal(verified, accepted);
  });
  return found as string | undefined;
}

function recallText(
  open: OpenVerifier,
  text: unknown,
  wanted: Issuers<Entry>,
): Verified | undefined {
  try {
    const verdict = open.recall(text, NOTHING_ADDED, wanted);
    return verdict !== undefined && saysYes(verdict) ? verdict.verified : undefined;
  } catch {
    // It has expired since.
    return undefined;
  }
}

function saysYes({ policy: { check }, verified, text }: Verdict): boolean {
  if (check === undefined) return true;
  const answer: unknown = check(verified as never, NOTHING_ADDED, text);
  // The rejection of a promise must not end the process.
  unlessPromise(answer);
  return isYes(answer);
}
