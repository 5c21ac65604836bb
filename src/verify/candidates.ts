import { KeySetError, TokenError } from "../errors.ts";
import { own } from "../own.ts";
import type { VerifiedToken } from "../token/types.ts";
import type { Verified } from "./decision.ts";

/** One of several tokens in a request. */
export interface Attempt {
  /** Whether its key is known without waiting. */
  readonly isKnown: boolean;
  readonly verify: () => Promise<Verified>;
}

/**
 * Decides between several tokens of one request, such as cookies of one name: those whose key is
 * known come first. The others are tried only when none of these is accepted.
 *
 * @throws {TokenError} (rejects) `token_ambiguous` when two tokens of different principals are accepted,
 * else the reason for refusing the first one
 * @throws {KeySetError} (rejects) when one of them might be accepted if its key were available
 */
export async function chooseAmong(attempts: readonly Attempt[]): Promise<Verified> {
  const refusals: unknown[] = [];
  for (const isKnown of [true, false]) {
    const turn = attempts.filter((attempt) => attempt.isKnown === isKnown);
    // One after another, so that one request does not hold many parsed tokens.
    const results = isKnown
      ? await inTurn(turn)
      : await Promise.allSettled(turn.map(({ verify }) => verify()));
    let accepted: Verified | undefined;
    for (const result of results) {
      if (result.status === "rejected") refusals.push(result.reason);
      else if (accepted === undefined) accepted = result.value;
      else if (!isSamePrincipal(accepted, result.value)) {
        throw new TokenError("token_ambiguous", { verified: true });
      }
    }
    // An exception from `check` is a fault of the application: do not try another token.
    for (const error of refusals) if (!isRefusal(error)) throw error;
    if (accepted !== undefined) return accepted;
  }
  throw refusals.find((error) => error instanceof KeySetError) ?? refusals[0];
}

async function inTurn(attempts: readonly Attempt[]): Promise<PromiseSettledResult<Verified>[]> {
  const results: PromiseSettledResult<Verified>[] = [];
  for (const { verify } of attempts) results.push(...(await Promise.allSettled([verify()])));
  return results;
}

function isRefusal(error: unknown): boolean {
  return error instanceof TokenError || error instanceof KeySetError;
}

/** An issuer and an id. A token without a principal equals no other token. */
export function isSamePrincipal(one: VerifiedToken, other: VerifiedToken): boolean {
  const [mine, theirs] = [whoOf(one), whoOf(other)];
  return (
    mine.id !== undefined &&
    mine.id === theirs.id &&
    mine.kind === theirs.kind &&
    one.issuer === other.issuer
  );
}

function whoOf(verified: VerifiedToken): { kind?: unknown; id?: unknown } {
  const principal = own(verified, "principal") as Verified["principal"];
  return principal ?? { kind: undefined, id: own(verified.payload, "sub") };
}
