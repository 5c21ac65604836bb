import type { Principal } from "../access/principal.ts";
import type { RequestLike } from "../access/request.ts";
import { unlessPromise } from "../caller-mistakes.ts";
import type { VerifiedToken } from "../token/types.ts";
import { NOTHING_ADDED } from "./call.ts";
import type { Issuers, Verified } from "./decision.ts";
import type { CallOptions, Verifier } from "./options.ts";
import type { Entry } from "./settle-entry.ts";
import type { Verdict } from "./verdict-cache.ts";

export type AnyVerified = VerifiedToken & { readonly principal?: Principal };

/** What a request says it has, and the issuers of whom it may be. */
export interface Tokens {
  readonly texts: readonly unknown[];
  readonly wanted: Issuers<Entry>;
}

/** A verifier with two of its steps. */
export interface OpenVerifier {
  readonly verifier: Verifier<AnyVerified>;
  tokensOf(request: RequestLike): Tokens;
  /** The verdict on a token that was accepted before, when all that can change still holds. */
  recall(text: unknown, call: CallOptions, wanted: Issuers<Entry>): Verdict | undefined;
}

/**
 * The result for a request's one token, if that was accepted before and still holds, and `check` says yes
 * without a promise. It is `undefined` for any other request: then ask `verifyRequest`, which asks `check`
 * again.
 */
export function recallRequest(open: OpenVerifier, request: RequestLike): Verified | undefined {
  try {
    const call = NOTHING_ADDED;
    const { texts, wanted } = open.tokensOf(request);
    const verdict = texts.length === 1 ? open.recall(texts.at(0), call, wanted) : undefined;
    return verdict !== undefined && saysYes(verdict, call) ? verdict.verified : undefined;
  } catch {
    return undefined;
  }
}

function saysYes({ policy: { check }, verified, text }: Verdict, call: CallOptions): boolean {
  if (check === undefined) return true;
  const answer: unknown = check(verified as never, call, text);
  // Any other answer is not a yes. A promise is neither, and its rejection must not end the process.
  return unlessPromise(answer) === answer && (answer === undefined || answer === true);
}
