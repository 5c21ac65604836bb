import { type AccessTeam, accessTeam, METADATA_PATH } from "../access/team.ts";
import { parseJsonObject } from "../encoding/json.ts";
import { causeCode, KeySetError } from "../errors.ts";
import { boundedFetch, type FetchLike, type ResponseLike, within } from "../http/bounded-fetch.ts";
import { isLoopback } from "../http/secure-url.ts";
import { readJwk } from "../keys/jwk.ts";
import { own } from "../own.ts";

/** What Access reveals to a client that is not logged in. */
export interface Discovered {
  /** What `createVerifier` takes as `team`. */
  readonly team: string;
  readonly issuer: string;
  /** The AUD tag; `null` after a 401, which does not contain it. */
  readonly audience: string | null;
  readonly certsUrl: string;
  /** Whether Managed OAuth is on for clients that are not browsers. */
  readonly managedOAuth: boolean;
  /** The number of the team's keys that can verify a token; `null` when they cannot be fetched. */
  readonly keys: number | null;
}

/** The same, with two values that only a knock needs. */
export interface Gate extends Discovered {
  /** The token that it gives to everyone who is not logged in. */
  readonly metaToken: string | undefined;
  /** The certs document; `undefined` when it cannot be fetched. */
  readonly certs: unknown;
}

/** The address is not behind Access, or does not answer. The message is one sentence. */
export class GateError extends Error {
  override readonly name: string = "GateError";
}

export interface AskOptions {
  readonly fetch: FetchLike | undefined;
  readonly timeoutMs: number;
  readonly userAgent: string;
}

const MAX_BYTES = 262_144;

/**
 * Finds out which team guards a public address, with at most three requests.
 *
 * @throws {GateError} (rejects) when the address does not answer, or is not behind Access
 */
export async function askGate(url: URL, options: AskOptions): Promise<Gate> {
  const { status, headers } = await first(url, options);
  const login = logInOf(url, status, headers.get("location"));
  const usual = login === undefined ? usualOf(url, status, headers.get("location")) : undefined;
  if (usual !== undefined) return askUsual(usual, options);
  const challenge = (headers.get("www-authenticate") ?? "").slice(0, 8192);
  const managedOAuth = /(?:^|[\s,])Bearer\s[^,]*\bresource_metadata=/i.test(challenge);
  const team = login?.team ?? (await byDocument(url, status, challenge, options));
  if (team === undefined) throw notAccess(url, status);
  return describe(team, login, managedOAuth, options);
}

/** Asks the address that a redirect named. Only its log-in counts, or there would be a fourth request. */
async function askUsual(url: URL, options: AskOptions): Promise<Gate> {
  const { status, headers } = await first(url, options);
  const login = logInOf(url, status, headers.get("location"));
  if (login === undefined) throw notAccess(url, status);
  return describe(login.team, login, false, options);
}

function notAccess({ host }: URL, status: number): GateError {
  return new GateError(
    `${host} answers ${status}, but not as Access does: is this the application's public address, with Access in front of it?`,
  );
}

async function describe(
  team: AccessTeam,
  login: LogIn | undefined,
  managedOAuth: boolean,
  options: AskOptions,
): Promise<Gate> {
  const certs = await certsOf(team, options);
  const { issuer, certsUrl } = team;
  return {
    ...{ team: nameOf(team), issuer, audience: login?.audience ?? null, certsUrl, managedOAuth },
    keys: usableKeys(certs),
    metaToken: login?.metaToken,
    certs,
  };
}

/** Counts the entries of a certs document that can verify a token. */
export function usableKeys(certs: unknown): number | null {
  if (typeof certs !== "object" || certs === null) return null;
  const entries = own(certs, "keys");
  if (!Array.isArray(entries)) return null;
  return entries.filter((entry) => typeof readJwk(entry) !== "string").length;
}

/** Fetches the certs document of a team; `undefined` when it cannot be fetched. */
export async function certsOf(
  { certsUrl }: Pick<AccessTeam, "certsUrl">,
  options: AskOptions,
): Promise<unknown> {
  return document(certsUrl, options);
}

/** The shortest form that `team` accepts: the name, else the host or origin. */
function nameOf({ name, issuer }: AccessTeam): string {
  return issuer === `https://${name}.cloudflareaccess.com`
    ? name
    : issuer.replace(/^https:\/\/(?=[a-z0-9-]+\.fed\.)/, "");
}

async function first(url: URL, options: AskOptions): Promise<ResponseLike> {
  const { fetch = globalThis.fetch as FetchLike, timeoutMs, userAgent } = options;
  // A request for HTML is redirected to the log-in page, which contains more than a 401.
  const headers = { accept: "text/html", "user-agent": userAgent };
  try {
    const context = { url: url.href, Family: KeySetError, signal: undefined };
    return await within(timeoutMs, context, async (signal) => {
      const response = await fetch(url.href, { headers, redirect: "manual", signal });
      await (response.body as ReadableStream | null | undefined)?.cancel?.();
      return response;
    });
  } catch (error) {
    const code = causeCode((error as Error).cause);
    throw new GateError(`${url.host} does not answer${code === undefined ? "" : ` (${code})`}.`);
  }
}

interface LogIn {
  readonly team: AccessTeam;
  readonly audience: string | null;
  readonly metaToken: string | undefined;
}

/** Reads the redirect to the log-in page. Its host is the team, its `kid` the AUD tag. */
function logInOf(url: URL, status: number, location: string | null): LogIn | undefined {
  if (status < 300 || status > 399 || location === null || location.length > 16_384)
    return undefined;
  let to: URL;
  try {
    to = new URL(location, url);
  } catch {
    return undefined;
  }
  if (!to.pathname.startsWith("/cdn-cgi/access/login")) return undefined;
  const team = teamOf(to.origin.replace(/\.(?=:|$)/, ""), url);
  if (team === undefined) return undefined;
  const kid = to.searchParams.get("kid");
  const meta = to.searchParams.get("meta");
  return {
    team,
    audience: kid !== null && /^[\w.:-]{1,256}$/.test(kid) ? kid : null,
    metaToken: meta !== null && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(meta) ? meta : undefined,
  };
}

/** The same host with https or another path, if that is where the answer redirects to. */
function usualOf(url: URL, status: number, location: string | null): URL | undefined {
  if (status < 300 || status > 399 || location === null || location.length > 16_384)
    return undefined;
  try {
    const to = new URL(location, url);
    const isSafe = to.protocol === "https:" || to.protocol === url.protocol;
    const isSame = to.hostname === url.hostname && to.href !== url.href;
    return isSafe && isSame && to.username === "" && to.password === "" ? to : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the team from the discovery document that a 401 names. It contains no audience. */
async function byDocument(
  url: URL,
  status: number,
  challenge: string,
  options: AskOptions,
): Promise<AccessTeam | undefined> {
  const isAccess = /\bCloudflare-Access\b/i.test(challenge);
  if (status !== 401 && status !== 403 && !isAccess) return undefined;
  const [, named] =
    /Cloudflare-Access\s[^,]*?\bresource_metadata="([^"]{1,2048})"/i.exec(challenge) ?? [];
  const usual = new URL(`${METADATA_PATH}${url.pathname === "/" ? "" : url.pathname}`, url);
  const at = addressOf(named, url) ?? usual;
  const found = await document(at.href, options);
  const domain =
    typeof found === "object" && found !== null ? own(found, "team_domain") : undefined;
  return typeof domain === "string" ? teamOf(domain, url) : undefined;
}

/** Accepts only an address on the application's own origin, because anyone could publish one elsewhere. */
function addressOf(named: string | undefined, url: URL): URL | undefined {
  try {
    const at = new URL(named ?? "", url);
    return named !== undefined && at.origin === url.origin ? at : undefined;
  } catch {
    return undefined;
  }
}

async function document(url: string, options: AskOptions): Promise<unknown> {
  const { fetch, timeoutMs, userAgent } = options;
  const headers = { accept: "application/json", "user-agent": userAgent };
  try {
    const context = { url, Family: KeySetError, signal: undefined };
    const { status, text } = await within(timeoutMs, context, (signal) =>
      boundedFetch(url, headers, { fetch, maxBytes: MAX_BYTES, signal }, KeySetError),
    );
    return status === 200 ? parseJsonObject(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a team that an address names. Only one on this machine may name a Local Access. */
function teamOf(text: string, from: URL): AccessTeam | undefined {
  const candidates = [text, `http://${text}`];
  for (const candidate of candidates) {
    try {
      const team = accessTeam(candidate);
      // Without a dot or colon it is a team name, but Access always sends hosts.
      const mayBe = isLoopback(from) || !isLoopback(new URL(team.issuer));
      if (/[.:]/.test(text) && mayBe) return team;
    } catch {
      // Try the next one.
    }
  }
  return undefined;
}
