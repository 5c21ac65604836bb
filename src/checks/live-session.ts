import type { VerifiedAccessToken } from "../access/access-token.ts";
import { type GetIdentityOptions, getIdentity } from "../access/identity.ts";
import { IdentityError } from "../access/identity-error.ts";
import { functionOptions, mistake, numberOption, readOptions } from "../caller-mistakes.ts";
import { KeySetError, TokenError } from "../errors.ts";
import { pause } from "../http/pause.ts";
import { tell } from "../keys/events.ts";
import { member } from "../own.ts";
import type { CallOptions } from "../verify/options.ts";

/** How often a session is asked about, and what no answer means. Durations are seconds. */
export interface LiveSessionOptions {
  /** How long an answer counts. 1 to 86,400. A question that failed is asked again 3 s later. */
  everySeconds: number;
  /** What an endpoint that cannot be asked means: go on without it, or answer 503. */
  onUnknown: "allow" | "refuse";
  /** So many tokens are remembered; those asked about longest ago are forgotten first. 10,000 */
  maxEntries?: number | undefined;
  fetch?: GetIdentityOptions["fetch"];
  /** For one exchange. 5 */
  timeoutSeconds?: number | undefined;
  /** Milliseconds since the epoch. `Date.now` */
  now?: (() => number) | undefined;
}

/** A check that needs the token itself, as a verifier hands it to its `check`. */
export type LiveSessionCheck = (
  verified: VerifiedAccessToken,
  call: CallOptions,
  token?: string,
) => Promise<boolean>;

/** Whether the session still exists, or why that is not known. */
type Standing = "stands" | "ended" | Error;

/** A question and, once it is there, the answer. */
interface Question {
  /** Of the question; of its failure, when it failed. */
  since: number;
  /** How long after that it counts, in ms. */
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

/** How long a failure counts, in ms: long enough to spare the endpoint, and a fault soon passes. */
const FAILURE = 3_000;
/** How much later than its timeout a question may be answered, because timers differ. */
const GRACE = 100;

/**
 * Asks the identity endpoint whether the session behind a token still exists, so that a stolen token
 * used straight at the origin dies with the log-out, `everySeconds` later at most. However many
 * requests a session has, one question about it is under way at a time, and they wait for its answer.
 * `signal` ends the wait of one call, not the question; `waitUntil` keeps the question alive on
 * Workers, where it may end with the request that asked. The others then wait for `timeoutSeconds`
 * and ask anew.
 *
 * An ended session is `token_expired` (401). The vendor does not document what the endpoint answers
 * for a revoked session: any refusal of it, and nothing else, counts as its end. A service token has
 * no session that could end: it passes without being asked about. Add {@link allowUsers} to refuse it.
 *
 * @throws {TypeError | RangeError} at once, for an option that is wrong
 *
 * @example
 * ```ts
 * import { createVerifier } from "postern";
 * import { allowLiveSession } from "postern/checks";
 *
 * const verifier = createVerifier({
 *   team: "acme",
 *   audience: "4714c1358e65fe4b408ad6d432a5f878",
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
  // A map keeps the order of insertion: the first is the one asked about longest ago.
  const questions = new Map<string, Question>();

  function current(token: string): Question | undefined {
    const question = questions.get(token);
    if (question === undefined) return undefined;
    const age = now() - question.since;
    // One that is under way is given up only for its age: a clock set back must not add another.
    if (question.standing === undefined) return age >= patience ? undefined : question;
    // Written so that a clock set back, or one that tells no time, asks again.
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
    // A runtime that cannot keep a question alive is no reason to refuse a token.
    tell(() => (member(call, "waitUntil") as CallOptions["waitUntil"])?.call(call, answered));
    return question;
  }

  async function ask(token: string, team: string, call: CallOptions): Promise<Standing> {
    const signal = member(call, "signal") as CallOptions["signal"];
    // Another's question that ended with its request is followed by one more, and by no third.
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
    if (typeof token !== "string") throw mistake("token", "what a verifier hands to check", token);
    const standing = await ask(token, issuer, call ?? {});
    if (standing === "stands") return true;
    if (standing === "ended") throw new TokenError("token_expired", { verified: true });
    if (!(standing instanceof IdentityError)) throw standing;
    if (onUnknown === "allow") return true;
    const { upstreamStatus, retryAfterSeconds, url } = standing;
    throw new KeySetError("fetch_failed", {
      upstreamStatus,
      retryAfterSeconds,
      url,
      cause: standing,
    });
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof IdentityError && error.code === "identity_refused";
}
