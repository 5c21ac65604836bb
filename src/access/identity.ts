import { functionOptions, numberOption, readOptions } from "../caller-mistakes.ts";
import { parseJsonObject } from "../encoding/json.ts";
import { boundedFetch, type FetchLike, within } from "../http/bounded-fetch.ts";
import { readRetryAfter } from "../http/retry-after.ts";
import { own } from "../own.ts";
import { MAX_TOKEN_BYTES } from "../token/compact.ts";
import { IdentityError } from "./identity-error.ts";
import { accessTeam } from "./team.ts";

/**
 * What the identity endpoint says about a session. Every member is optional.
 *
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/#user-identity
 */
export interface AccessIdentity {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly groups?:
    | readonly (string | { readonly id?: string; readonly name?: string })[]
    | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly idp?: { readonly id?: string; readonly type?: string } | undefined;
  readonly geo?: { readonly country?: string } | undefined;
  readonly user_uuid?: string | undefined;
  readonly account_id?: string | undefined;
  readonly iat?: number | undefined;
  readonly ip?: string | undefined;
  readonly common_name?: string | undefined;
  readonly service_token_id?: string | undefined;
  readonly [member: string]: unknown;
}

/** Where and how to ask for an identity. */
export interface GetIdentityOptions {
  team: string | URL;
  fetch?: FetchLike | undefined;
  signal?: AbortSignal | undefined;
  /** The longest that the request may take. @defaultValue 5 */
  timeoutSeconds?: number | undefined;
}

const MAX_IDENTITY_BYTES = 262_144;

/**
 * Asks Access who a session belongs to: the groups and device facts that are not in the token. Only
 * a server can ask, because browsers do not let scripts set a cookie header. It checks nothing of the
 * token itself: verify it first.
 *
 * @throws {IdentityError} (rejects) `identity_refused` when the session is not valid, or why the
 * endpoint gave no answer
 * @throws {TypeError | RangeError} (rejects) when an option is wrong
 *
 * @example
 * ```ts
 * import { getIdentity } from "postern";
 *
 * async function groups(token: string): Promise<unknown> {
 *   return (await getIdentity(token, { team: "acme" })).groups;
 * }
 * ```
 */
export async function getIdentity(
  token: string,
  options: GetIdentityOptions,
): Promise<AccessIdentity> {
  const names = ["team", "fetch", "signal", "timeoutSeconds"] as const;
  const {
    team,
    fetch,
    signal,
    timeoutSeconds = 5,
  } = readOptions<GetIdentityOptions>(options, names);
  functionOptions({ fetch }, ["fetch"]);
  const { identityUrl: url } = accessTeam(team);
  const timeoutMs = numberOption("timeoutSeconds", timeoutSeconds, [0.001, 300]) * 1000;
  if (typeof token !== "string" || token.length > MAX_TOKEN_BYTES || !/^[\w.-]+$/.test(token)) {
    // Nothing else may be put into a cookie header.
    throw new IdentityError("token_malformed");
  }
  const headers = { accept: "application/json", cookie: `CF_Authorization=${token}` };
  const context = { url, Family: IdentityError, signal };
  const {
    status,
    text,
    headers: answered,
  } = await within(timeoutMs, context, (signal) =>
    boundedFetch(url, headers, { fetch, signal, maxBytes: MAX_IDENTITY_BYTES }, IdentityError),
  );
  // These 4xx are about the request, not about the session.
  const isOfTheWay = [404, 407, 408, 425, 429, 431].includes(status);
  if (status >= 400 && status < 500 && !isOfTheWay) {
    throw new IdentityError("identity_refused", { url, upstreamStatus: status });
  }
  if (status !== 200) {
    const retryAfterSeconds = readRetryAfter(answered);
    throw new IdentityError("http_status", { url, upstreamStatus: status, retryAfterSeconds });
  }
  const identity = parseJsonObject(text);
  if (identity === undefined) throw new IdentityError("not_json", { url, upstreamStatus: status });
  // The endpoint can say no with a 200.
  if (own(identity, "err") !== undefined) {
    throw new IdentityError("identity_refused", { url, upstreamStatus: status });
  }
  return identity;
}
