import type { VerifiedAccessToken } from "../access/principal.ts";
import { headersOf, type RequestLike } from "../access/request.ts";
import {
  asKeySetError,
  isKeySetError,
  isTokenError,
  type KeySetError,
  TokenError,
} from "../errors.ts";
import type { JwtPayload, VerifiedToken } from "../token/types.ts";
import { type Attempt, chooseAmong } from "./candidates.ts";
import type { CallOptions, Check, IssuerOptions, SharedOptions, TeamOptions } from "./options.ts";
import { type Entries, settle, settleCall } from "./settle.ts";
import type { Verdict } from "./verdict-cache.ts";
import { createVerification } from "./verification.ts";
import type { Verified } from "./verified.ts";

/** A verdict as a value. */
export type SafeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: TokenError | KeySetError };

/** The guard. Its methods survive destructuring. */
export interface Verifier<T> {
  /**
   * Checks one token.
   *
   * @throws {TokenError} (rejects) the token must not be let in
   * @throws {KeySetError} (rejects) the keys could not be had; also when `call.signal` ends the wait
   * @throws whatever else `check` threw, and `TypeError` for a call that is wrong
   */
  verify(token: string, call?: CallOptions): Promise<T>;
  /** The same, with both families of errors as a value; what else `check` throws still rejects. */
  safeVerify(token: string, call?: CallOptions): Promise<SafeResult<T>>;
  /** Finds the token of a request, and checks it; `TypeError` (rejects) for what is no request. */
  verifyRequest(request: RequestLike, call?: CallOptions): Promise<T>;
  /** The same, with both families of errors as a value. */
  safeVerifyRequest(request: RequestLike, call?: CallOptions): Promise<SafeResult<T>>;
  /** Resolves when every issuer has usable keys: for a start-up or a health check. */
  prefetch(): Promise<void>;
}

/**
 * The guard of one Cloudflare Access team, of any other RS256 issuer, or of several, told apart by
 * an exact `iss`.
 *
 * @throws {TypeError | RangeError} at once, for an option that is wrong: which one, what was
 * expected, what type was given
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 *
 * const verifier = createVerifier({ team: "acme", audience: "4714c1358e65fe4b408ad6d432a5f878" });
 *
 * async function handle(request: Request): Promise<Response> {
 *   const access = await verifier.safeVerifyRequest(request);
 *   if (!access.ok) return new Response("Access denied", { status: access.error.status });
 *   return new Response(`Hello ${access.value.principal.id}`);
 * }
 * ```
 */
export function createVerifier<C = unknown>(
  options: TeamOptions<C> & SharedOptions,
): Verifier<VerifiedAccessToken<C>>;
export function createVerifier<P extends object = JwtPayload>(
  options: IssuerOptions<P> & SharedOptions,
): Verifier<VerifiedToken<P>>;
export function createVerifier(
  entries: readonly TeamOptions[],
  shared?: SharedOptions,
): Verifier<VerifiedAccessToken>;
export function createVerifier(
  entries: readonly (TeamOptions | IssuerOptions)[],
  shared?: SharedOptions,
): Verifier<VerifiedAccessToken | VerifiedToken>;
export function createVerifier(options: unknown, shared?: SharedOptions): Verifier<Verified> {
  const settled = settle(options, shared);
  const { recall, inspect, decide } = createVerification(settled);

  async function verify(
    token: unknown,
    options: CallOptions | undefined,
    entries: Entries = settled.entries,
  ): Promise<Verified> {
    const call = settleCall(settled.entries, options);
    const verdict = recall(token, call, entries) ?? (await decide(inspect(token, call, entries)));
    return accept(verdict, call);
  }

  async function verifyRequest(request: RequestLike, options?: CallOptions): Promise<Verified> {
    const call = settleCall(settled.entries, options);
    const headers = headersOf(request);
    let { entries } = settled;
    let tokens: readonly unknown[] = [];
    for (const place of settled.places) {
      if (tokens.length > 0) break;
      entries = place.entries;
      tokens = [place.read(headers) ?? []].flat();
    }
    // Nobody wrote a first token into an empty list, whatever stands in the prototype of all lists.
    if (tokens.length < 2) return verify(tokens.at(0), call, entries);
    return chooseAmong(tokens.map((token) => attempt(token, call, entries)));
  }

  function attempt(token: unknown, call: CallOptions, entries: Entries): Attempt {
    try {
      const candidate = inspect(token, call, entries);
      const verify = async (): Promise<Verified> => accept(await decide(candidate), call);
      return { isKnown: candidate.known.length > 0, verify };
    } catch (error) {
      return { isKnown: true, verify: () => Promise.reject(error) };
    }
  }

  return {
    verify: (token, call) => verify(token, call),
    safeVerify: (token, call) => asValue(verify(token, call)),
    verifyRequest,
    safeVerifyRequest: (request, call) => asValue(verifyRequest(request, call)),
    async prefetch() {
      try {
        const entries = [...settled.entries.values()];
        await Promise.all(entries.map(async ({ keys }) => keys.prefetch?.()));
      } catch (error) {
        throw asKeySetError(error);
      }
    },
  };
}

/** Asks the application, for every caller, whatever was remembered. */
function accept(
  { entry: { check }, verified, text }: Verdict,
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
  // Whoever answers anything else, a string or `null` included, has not said yes.
  if (answer === undefined || answer === true) return verified;
  throw new TokenError("forbidden", { verified: true });
}

async function asValue<T>(verdict: Promise<T>): Promise<SafeResult<T>> {
  try {
    return { ok: true, value: await verdict };
  } catch (error) {
    if (isTokenError(error) || isKeySetError(error)) return { ok: false, error };
    throw error;
  }
}
