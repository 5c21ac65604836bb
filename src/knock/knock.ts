import { accessTeam } from "../access/team.ts";
import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import type { HostileToken } from "../testing/hostile-tokens.ts";
import type { TestIssuer } from "../testing/test-issuer.ts";
import { type FetchHandler, fetchCarrier } from "./fetch-carrier.ts";
import { type AskOptions, askGate, certsOf } from "./gate.ts";
import { visit } from "./rounds.ts";
import { show } from "./show.ts";
import type { KnockReport } from "./types.ts";

/** Where to knock, and whose tokens the application takes. */
export interface KnockOptions {
  /** The application, as a function from a request to its response. This, or `url` of a running one. */
  fetch?: FetchHandler | undefined;
  /** The address of a running application; with `fetch`, the address it believes to have. `"http://app.test/"` */
  url?: string | URL | undefined;
  /**
   * The test issuer whose tokens the application accepts. With it, genuine tokens of the wrong kind and
   * every hostile token are knocks as well.
   */
  issuer?: TestIssuer | undefined;
  /** Without `issuer`: the team, as for `createVerifier`. */
  team?: string | URL | undefined;
  /** Without `issuer`: the application's AUD tag, or several. */
  audience?: string | readonly string[] | undefined;
  /** Without `issuer`: a genuine token, which has to get in. */
  token?: string | undefined;
  /** The public address, such as that of Local Access: its team, its AUD tag, and the token that it gives to every visitor. */
  gate?: string | URL | undefined;
  /** The paths to knock at. That of `url` */
  paths?: readonly string[] | undefined;
}

const NAMES = [
  ...["fetch", "url", "issuer", "team"],
  ...["audience", "token", "gate", "paths"],
] as (keyof KnockOptions)[];

const EACH_MS = 10_000;
const ALL_MS = 120_000;
const USER_AGENT = "postern-knock";
const NO_TEAM = "https://example.cloudflareaccess.com";

/**
 * Tries your application as a caller who bypasses Access would: with no credentials, forged tokens,
 * other methods and headers. Only `GET`, `HEAD` and `OPTIONS` are sent, at most 300, and one for each
 * hostile token. What `fetch` cannot spell, such as raw paths, `Host` and the handshakes of a running
 * application, is left to the command `postern knock`; the report names it.
 *
 * @returns what was tried and what came of it; `verdict` is `"shut"` when nothing got in
 * @throws {TypeError} (rejects) for an option that is wrong, in one sentence
 * @throws {Error} (rejects) when the genuine token does not get in, since no refusal proves anything
 * then, and when the gate does not answer
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createVerifier } from "postern";
 * import { guard } from "postern/fetch";
 * import { createTestIssuer, describeKnock, knock } from "postern/testing";
 *
 * const issuer = await createTestIssuer();
 * const { issuer: team, audience, fetch } = issuer;
 * const verifier = createVerifier({ team, audience, remote: { fetch } });
 * const app = guard(verifier, () => new Response("welcome"));
 *
 * const report = await knock({ fetch: (request) => app(request), issuer });
 * assert.equal(report.verdict, "shut", describeKnock(report));
 * ```
 */
export async function knock(options: KnockOptions): Promise<KnockReport> {
  const { handler, url, issuer, team, audience, token, gate, paths } = settle(options);
  const ask: AskOptions = { fetch: undefined, timeoutMs: EACH_MS, userAgent: USER_AGENT };
  const asked = gate && (await askGate(gate, ask));
  const tags = audience.length > 0 ? audience : [asked?.audience ?? "unknown"];
  const named = team ?? asked?.issuer;
  const now = Math.floor(Date.now() / 1000);
  const hostile = (await issuer?.hostileTokens()) ?? [];
  const wrong = issuer === undefined ? [] : await wrongKinds(issuer, now);
  const certs = issuer?.jwks() ?? asked?.certs;
  return visit({
    url: url.href,
    origin: url.origin,
    host: url.host,
    paths,
    carrier: fetchCarrier(url.origin, handler, EACH_MS),
    victim: {
      ...{ issuer: named ?? NO_TEAM, audience: tags, email: "admin@example.com", now },
      certs: certs ?? (named === undefined ? undefined : await certsOf(accessTeam(named), ask)),
    },
    logins: [named, gate?.origin].filter((origin) => origin !== undefined),
    metaToken: issuer === undefined ? asked?.metaToken : undefined,
    token: token ?? (await issuer?.userToken()),
    wrongKinds: wrong,
    hostile,
    untried: issuer === undefined ? [NO_ISSUER] : [],
    timeoutMs: ALL_MS,
  });
}

const NO_ISSUER =
  "Genuine tokens of the wrong kind and the whole list of hostile tokens were not tried: give the test issuer whose tokens the application takes.";

/**
 * The report as text for a person: what was tried, what came back, what it means, what to do.
 *
 * @example
 * ```ts
 * import { describeKnock, knock } from "postern/testing";
 *
 * async function shown(url: string): Promise<string> {
 *   return describeKnock(await knock({ url }));
 * }
 * ```
 */
export function describeKnock(report: KnockReport): string {
  const plain = (text: string): string => text;
  return show(report, { plain, bold: plain, good: plain, bad: plain, warn: plain });
}

/** What the team signs for visitors who are not logged in, and for other purposes. */
async function wrongKinds(issuer: TestIssuer, now: number): Promise<HostileToken[]> {
  const past = { iat: now - 600, nbf: now - 600 };
  const meta = { type: "meta", aud: issuer.audience, auth_status: "NONE", ...past };
  return [
    {
      name: "genuine-meta-token",
      token: await issuer.sign({ ...meta, exp: now + 300 }),
      why: "The gate gives this token to every visitor who is not logged in: a guard must check issuer and type.",
    },
    {
      name: "genuine-meta-token-without-expiry",
      token: await issuer.sign(meta),
      why: "The gate gave such tokens to every visitor in 2022: a guard must check issuer, type and expiry.",
    },
    {
      name: "genuine-of-another-application",
      token: await issuer.userToken({ ...past, aud: ["0".repeat(64)] }),
      why: "It is for another application of the team: a guard must check the audience.",
    },
    {
      name: "genuine-expired",
      token: await issuer.userToken({ iat: now - 7200, nbf: now - 7200, exp: now - 3600 }),
      why: "It has expired: a guard must check the expiry.",
    },
    {
      name: "genuine-of-the-whole-team",
      token: await issuer.orgToken({ ...past, aud: [issuer.audience] }),
      why: "It is the session of the whole team: a guard must check the type.",
    },
  ];
}

interface Settled {
  readonly handler: FetchHandler | undefined;
  readonly url: URL;
  readonly issuer: TestIssuer | undefined;
  readonly team: string | undefined;
  readonly audience: readonly string[];
  readonly token: string | undefined;
  readonly gate: URL | undefined;
  readonly paths: readonly string[];
}

function settle(options: KnockOptions): Settled {
  const given = readOptions<KnockOptions>(options, NAMES);
  functionOptions(given, ["fetch"]);
  const { fetch: handler, issuer, team, audience, token, gate } = given;
  if (handler === undefined && given.url === undefined) {
    throw mistake(
      "url",
      "the address of a running application, where there is no fetch",
      given.url,
    );
  }
  if (issuer !== undefined && typeof issuer?.hostileTokens !== "function") {
    throw mistake("issuer", "a test issuer", issuer);
  }
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw mistake("token", "a non-empty string", token);
  }
  const url = webUrl("url", given.url ?? "http://app.test/");
  const paths = given.paths ?? [url.pathname];
  const isPath = (path: unknown): boolean => typeof path === "string" && /^\/[^\s?#]*$/.test(path);
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath)) {
    throw mistake("paths", "a list of paths that begin with a slash", paths);
  }
  const tags: readonly unknown[] = [audience ?? issuer?.audience ?? []].flat();
  if (!tags.every((tag) => typeof tag === "string" && tag !== "")) {
    throw mistake("audience", "a non-empty string or a list of them", audience);
  }
  return {
    ...{ handler, url, issuer, token, paths, audience: tags as readonly string[] },
    team: team === undefined ? issuer?.issuer : accessTeam(team).issuer,
    gate: gate === undefined ? undefined : webUrl("gate", gate),
  };
}

function webUrl(option: string, value: unknown): URL {
  try {
    const url = new URL(String(value));
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // Said below.
  }
  throw mistake(option, "an http or https URL", value);
}
