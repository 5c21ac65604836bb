import { type GetIdentityOptions, getIdentity } from "../access/identity.ts";
import type { VerifiedAccessToken } from "../access/principal.ts";
import { functionOptions, mistake, numberOption, readOptions } from "../caller-mistakes.ts";
import { IdentityError, KeySetError, TokenError } from "../errors.ts";
import type { CallOptions } from "../verify/options.ts";

/** How often a session is asked about, and what no answer means. Durations are seconds. */
export interface LiveSessionOptions {
  /** A session is asked about at most so often. 1 to 86,400 */
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

const NAMES = [
  "everySeconds",
  "onUnknown",
  "maxEntries",
  "fetch",
  "timeoutSeconds",
  "now",
] as const satisfies readonly (keyof LiveSessionOptions)[];

/** A check that needs the token itself, as a verifier hands it to its `check`. */
export type LiveSessionCheck = (
  verified: VerifiedAccessToken,
  call: CallOptions,
  token?: string,
) => Promise<boolean>;

/** What is known of a session: an answer, when it was asked for, and whom it was about. */
interface Known {
  readonly askedAt: number;
  readonly standing: Promise<"stands" | "ended" | IdentityError>;
}

/**
 * Asks the identity endpoint whether the session behind a token still stands, so that a stolen token
 * used straight at the origin dies with the log-out, `everySeconds` later at most. One session is
 * asked about at most once an interval, by however many requests; until the first answer they wait.
 *
 * An ended session is `token_expired` (401). The vendor does not document what the endpoint answers
 * for a revoked session: any refusal of it, and nothing else, counts as its end. A service token has
 * no session that could end: it passes without being asked about. Beside {@link allowUsers} none does.
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
  numberOption("timeoutSeconds", timeoutSeconds, [0.001, 300]);
  // A map keeps the order of insertion: the first is the one asked about longest ago.
  const sessions = new Map<string, Known>();

  function ask(token: string, team: string): Known {
    const known = sessions.get(token);
    const age = known === undefined ? Number.NaN : now() - known.askedAt;
    // Written so that a clock set back, or one that tells no time, asks again.
    if (known !== undefined && age >= 0 && age < interval) return known;
    const standing = getIdentity(token, { team, fetch, timeoutSeconds }).then(
      () => "stands" as const,
      (error: unknown) => {
        if (!(error instanceof IdentityError)) throw error;
        return error.code === "identity_refused" ? "ended" : error;
      },
    );
    sessions.delete(token);
    if (sessions.size >= maxEntries) sessions.delete(sessions.keys().next().value as string);
    const asked = { askedAt: now(), standing };
    sessions.set(token, asked);
    return asked;
  }

  return async ({ principal, issuer }, _call, token) => {
    if (principal.kind === "service") return true;
    if (typeof token !== "string") throw mistake("token", "what a verifier hands to check", token);
    const standing = await ask(token, issuer).standing;
    if (standing === "stands") return true;
    if (standing === "ended") throw new TokenError("token_expired", { verified: true });
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
