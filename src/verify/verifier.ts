import type { VerifiedAccessToken } from "../access/access-token.ts";
import { headersOf, type RequestLike } from "../access/request.ts";
import { mistake, readClock } from "../caller-mistakes.ts";
import { asKeySetError, KeySetError, TokenError } from "../errors.ts";
import { NOT_LOADED } from "../keys/key-set.ts";
import { own } from "../own.ts";
import { checkExpiry, checkPurpose } from "../token/claims.ts";
import { parsePayload } from "../token/compact.ts";
import type { JwtPayload, VerifiedToken } from "../token/types.ts";
import { narrow, readCall } from "./call.ts";
import { chooseAmong } from "./candidates.ts";
import {
  Decision,
  detach,
  type Issuers,
  type ReadToken,
  stillHolds,
  type Verified,
} from "./decision.ts";
import { findKeys, type Keys, knownKeys } from "./key-lookup.ts";
import type {
  AnyOptions,
  CallOptions,
  IssuerOptions,
  SharedOptions,
  TeamOptions,
  Verifier,
} from "./options.ts";
import { accept, asValue } from "./outcome.ts";
import type { AnyVerified, OpenVerifier, Tokens } from "./recall.ts";
import { settle } from "./settle.ts";
import type { Entry } from "./settle-entry.ts";
import { type Verdict, VerdictCache } from "./verdict-cache.ts";

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
 * const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
 * const verifier = createVerifier({ team: "acme", audience });
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
// Last, because compilers explain the last one: it names the member that is wrong.
export function createVerifier(options: AnyOptions): Verifier<VerifiedAccessToken | VerifiedToken>;
export function createVerifier(options: unknown, shared?: SharedOptions): Verifier<AnyVerified> {
  return openVerifier(options, shared).verifier;
}

/** The same, with what `recallRequest` needs. */
export function openVerifier(options: unknown, shared?: SharedOptions): OpenVerifier {
  const { issuers, places, maxTokenBytes, maxVerdicts, now } = settle(options, shared);
  const unusable = (cause: unknown): Error => new KeySetError("no_usable_keys", { cause });
  const decision = new Decision<Entry>(maxTokenBytes, unusable);
  const verdicts = maxVerdicts === 0 ? undefined : new VerdictCache(maxVerdicts);

  const seconds = (): number => readClock(now) / 1000;

  /** The verdict on a token that was accepted before, when all that can change still holds. */
  function recall(text: unknown, call: CallOptions, wanted: Issuers<Entry>): Verdict | undefined {
    const verdict = typeof text === "string" ? verdicts?.get(text) : undefined;
    if (verdict === undefined) return undefined;
    const { policy, verified } = verdict;
    if (wanted.only !== policy && wanted.byIssuer.get(policy.issuer) !== policy) return undefined;
    const keys = knownKeys(policy, verified.header, call);
    const holds = stillHolds(verdict, text as string, keys, narrow(policy, call), seconds());
    return holds ? verdict : undefined;
  }

  /** Decides about one token. It throws, or returns a promise, or the result of a remembered verdict. */
  function attempt(
    text: unknown,
    call: CallOptions,
    wanted: Issuers<Entry>,
  ): Verified | Promise<Verified> {
    const verdict = recall(text, call, wanted);
    if (verdict !== undefined) return accept(verdict, call);
    const token = decision.read(text, wanted);
    const keys = knownKeys(token.policy, token.header, call);
    if (keys.length > 0) return decide(token, keys, call);
    return afterLookup(text, call, wanted, lookUp(token, keys !== NOT_LOADED, call));
  }

  /** While a token waits for its key, its text is all that is kept; then it is read again. */
  async function afterLookup(
    text: unknown,
    call: CallOptions,
    wanted: Issuers<Entry>,
    looking: Promise<Keys>,
  ): Promise<Verified> {
    const keys = await looking;
    const token = decision.read(text, wanted);
    if (keys.length === 0) throw new TokenError("key_not_found", { kid: token.header.kid });
    return decide(token, keys, call);
  }

  function lookUp(
    { compact, header, payload, policy }: ReadToken<Entry>,
    isUnknown: boolean,
    call: CallOptions,
  ): Promise<Keys> {
    const claims = payload ?? parsePayload(compact);
    if (isUnknown) {
      // No key can save this token: refuse it before any fetch or wait.
      checkPurpose(claims, policy, narrow(policy, call), false);
      checkExpiry(claims, policy, seconds(), false);
    }
    return findKeys(policy, header, own(claims, "iat"), call);
  }

  function decide(token: ReadToken<Entry>, keys: Keys, call: CallOptions): Promise<Verified> {
    const { policy } = token;
    const revalidate = async (): Promise<void> => policy.keys.revalidate?.(call);
    return decision.decide({
      token,
      keys,
      audience: narrow(policy, call),
      seconds,
      // A forged token must not end the process through a key set that fails.
      onUnsigned: () => revalidate().catch(() => {}),
      finish(verdict) {
        if (policy.keys.known !== undefined) verdicts?.set(detach(verdict, token.compact));
        return accept(verdict, call);
      },
    });
  }

  function isKnown(text: unknown, call: CallOptions, wanted: Issuers<Entry>): boolean {
    try {
      const { policy, header } = decision.read(text, wanted);
      const keys = knownKeys(policy, header, call);
      return keys.length > 0 || keys === NOT_LOADED;
    } catch {
      // It is refused without a key.
      return true;
    }
  }

  function tokensOf(request: RequestLike): Tokens {
    const headers = headersOf(request);
    let texts: readonly unknown[] = [];
    let wanted = issuers;
    for (const place of places) {
      wanted = place.issuers;
      const found = place.read(headers);
      // A promise is no token: `readToken` must not be async.
      if (found instanceof Promise) throw mistake("readToken()", "a string or an array", found);
      texts = Array.isArray(found) ? found : found === undefined ? [] : [found];
      if (texts.length > 0) break;
    }
    return { texts, wanted };
  }

  function ofRequest(request: RequestLike, options?: CallOptions): Verified | Promise<Verified> {
    const call = readCall(issuers, options);
    const { texts, wanted } = tokensOf(request);
    // `at(0)` of an empty list ignores a polluted `Array.prototype[0]`.
    if (texts.length < 2) return attempt(texts.at(0), call, wanted);
    return chooseAmong(
      texts.map((text) => ({
        isKnown: isKnown(text, call, wanted),
        verify: async () => attempt(text, call, wanted),
      })),
    );
  }

  // Plain functions: each async one would cost a turn of the microtask queue.
  function verify(text: unknown, options?: CallOptions): Promise<Verified> {
    try {
      return Promise.resolve(attempt(text, readCall(issuers, options), issuers));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  function verifyRequest(request: RequestLike, options?: CallOptions): Promise<Verified> {
    try {
      return Promise.resolve(ofRequest(request, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  const verifier: Verifier<AnyVerified> = {
    verify: (token, call) => verify(token, call),
    safeVerify: (token, call) => asValue(verify(token, call)),
    verifyRequest: (request, call) => verifyRequest(request, call),
    safeVerifyRequest: (request, call) => asValue(verifyRequest(request, call)),
    async prefetch() {
      try {
        const entries = [...issuers.byIssuer.values()];
        await Promise.all(entries.map(async ({ keys }) => keys.prefetch?.()));
      } catch (error) {
        throw asKeySetError(error);
      }
    },
  };
  return { verifier, tokensOf, recall };
}
