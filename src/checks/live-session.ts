import type { VerifiedAccessToken } from "../access/access-token.ts";
import { type GetIdentityOptions, getIdentity } from "../access/identity.ts";
import { IdentityError } from "../access/identity-error.ts";
import { functionOptions, mistake, numberOption, readOptions, tell } from "../caller-mistakes.ts";
import { KeySetError, TokenError } from "../errors.ts";
import { pause } from "../http/pause.ts";
import { member } from "../own.ts";
import type { CallOptions } from "../verify/options.ts";

/** Options of {@link allowLiveSession}. Durations are seconds. */
export interface LiveSessionOptions {
  /** How long an answer stays valid, from 1 to 86,400. After a failure, it asks again 3 s later. */
  everySeconds: number;
  /** What to do if the endpoint cannot be reached: let the request in, or answer 503. */
  onUnknown: "allow" | "refuse";
  /** The most tokens to remember. The one with the oldest request is dropped first. @defaultValue 10,000 */
  maxEntries?: number | undefined;
  fetch?: GetIdentityOptions["fetch"];
  /** The time limit for one request to the endpoint. @defaultValue 5 */
  timeoutSeconds?: number | undefined;
  /** Returns the time in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: (() => number) | undefined;
}

/** A check that needs the token itself, which a verifier passes to its `check`. */
export type LiveSessionCheck = (
  verified: VerifiedAccessToken,
  call: CallOptions,
  token?: string,
) => Promise<boolean>;

/** The state of the session, or the reason why it is not known. */
type Standing = "stands" | "ended" | Error;

/** A request to the endpoint and, when it arrives, its answer. */
interface Question {
  /** The time of the request, or of its failure. */
  since: number;
  /** How long it stays valid after `since`, in ms. */
  goodFor: number;
  standing: Standing | undefined;
  /** Never rejects. */
  readonly answered: Promise<void>;
}

const NAMES = [
  "everySeconds",
  "onUnknown",
  "maxEntries",
  "fetch",
  "timeoutSeconds",
  "now",
] as const satisfies readonly (keyof LiveSessionOptions)[];

/** How long a failure stays valid, in ms: long enough to spare the endpoint, short enough to recover soon. */
const FAILURE = 3_000;
/** How much later than its timeout an answer may come, in ms, because timers are not exact. */
const GRACE = 100;

/**
 * Asks the identity endpoint whether the session of a token still exists. So a stolen token that is sent
 * directly to the origin stops working at most `everySeconds` after the log-out. For each session, only
 * one request to the endpoint runs at a time, and all calls wait for its answer. `signal` ends the wait of
 * one call, but not the request. On Workers a request can end together with the call that started it.
 * `waitUntil` prevents that. Otherwise the other calls wait for `timeoutSeconds` and then ask again.
 *
 * An ended session is `token_expired` (401). Cloudflare does not document the answer of the endpoint for a
 * revoked session, so every refusal, and nothing else, counts as its end. A service token has no session,
 * so it passes without a request to the endpoint. Add {@link allowUsers} to refuse it.
 *
 * @throws {TypeError | RangeError} at once, when an option is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { allowLiveSession } from "postern/checks";
 *
 * const verifier = createVerifier({
 *   team: "acme",
 *   audience: "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2",
 *   check: allowLiveSession({ everySeconds: 60, onUnknown: "allow" }),
 * });
 * ```
 */
export function allowLiveSession(options: LiveSessionOptions): LiveSessionCheck {
  const settled = readOptions<LiveSessionOptions>(options, NAMES);
  const { everySeconds, onUnknown, maxEntries = 10_000, now = Date.now } = settled;
  const { fetch, timeoutSeconds = 5 } = settled;
  if (onUnknown !== "allow" && onUnknown !== "refuse") {
    throw mistake("onUnknown", '"allow" or "refuse"', onUnknown);
  }
  functionOptions(settled, ["fetch", "now"]);
  const interval = numberOption("everySeconds", everySeconds, [1, 86_400]) * 1000;
  numberOption("maxEntries", maxEntries, [1, 2 ** 24]);
  const patience = numberOption("timeoutSeconds", timeoutSeconds, [0.001, 300]) * 1000 + GRACE;
  // A map keeps the order of insertion, so the first entry is the oldest.
  const questions = new Map<string, Question>();

  function current(token: string): Question | undefined {
    const question = questions.get(token);
    if (question === undefined) return undefined;
    const age = now() - question.since;
    // A running request is given up only when it is too old. A clock set back must not start a second one.
    if (question.standing === undefined) return age >= patience ? undefined : question;
    // With a clock set back, or one that returns NaN, this asks again.
    return age >= 0 && age < question.goodFor ? question : undefined;
  }

  function start(token: string, team: string, call: CallOptions): Question {
    const answered = getIdentity(token, { team, fetch, timeoutSeconds }).then(
      () => settle("stands"),
      (error: unknown) => settle(isRefusal(error) ? "ended" : (error as Error)),
    );
    const question: Question = { since: now(), goodFor: interval, standing: undefined, answered };
    function settle(standing: Standing): void {
      question.standing = standing;
      if (typeof standing === "string") return;
      question.since = now();
      question.goodFor = Math.min(FAILURE, interval);
    }
    questions.delete(token);
    if (questions.size >= maxEntries) questions.delete(questions.keys().next().value as string);
    questions.set(token, question);
    // If the runtime's waitUntil fails, the token must not be refused for it.
    tell(() => (member(call, "waitUntil") as CallOptions["waitUntil"])?.call(call, answered));
    return question;
  }

  async function ask(token: string, team: string, call: CallOptions): Promise<Standing> {
    const signal = member(call, "signal") as CallOptions["signal"];
    // If a request of another call ended early, this call starts one more, but not a third.
    for (let turn = 0; turn < 2; turn++) {
      const isLeaving = signal?.aborted === true;
      const question = current(token) ?? (isLeaving ? undefined : start(token, team, call));
      if (question?.standing !== undefined) return question.standing;
      if ((await pause(patience, question?.answered, signal)) === "aborted") {
        throw new KeySetError("fetch_failed", { cause: signal?.reason });
      }
      if (question?.standing !== undefined) return question.standing;
      if (questions.get(token) === question) questions.delete(token);
    }
    return new IdentityError("fetch_timeout");
  }

  return async ({ principal, issuer }, call, token) => {
    if (principal.kind === "service") return true;
    if (typeof token !== "string")
      throw mistake("token", "the token that a verifier passes to check", token);
    const standing = await ask(token, issuer, call ?? {});
    if (standing === "stands") return true;
    if (standing === "ended") throw new TokenError("token_expired", { verified: true });
    if (!(standing instanceof IdentityError)) throw standing;
    if (onUnknown === "allow") return true;
    const { upstreamStatus, retryAfterSeconds, url } = standing;
    const details = { upstreamStatus, retryAfterSeconds, url, cause: standing };
    throw new KeySetError("fetch_failed", details);
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof IdentityError && error.code === "identity_refused";
}
