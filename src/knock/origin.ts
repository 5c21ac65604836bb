import { accessTeam } from "../access/team.ts";
import type { FetchLike } from "../http/bounded-fetch.ts";
import { isLoopback } from "../http/secure-url.ts";
import { randomTag } from "../testing/claims.ts";
import { type AskOptions, askGate, certsOf, type Gate } from "./gate.ts";
import { factsOf, flawsOf, type GenuineFacts } from "./genuine.ts";
import { type RunningListener, startListener } from "./listener.ts";
import { visit } from "./rounds.ts";
import { hostOf, socketCarrier } from "./socket-carrier.ts";
import type { KnockReport } from "./types.ts";

export interface OriginOptions {
  readonly url: URL;
  /** The public address, which Access guards. */
  readonly gate?: URL | undefined;
  readonly team?: string | undefined;
  readonly audience: readonly string[];
  readonly paths: readonly string[];
  readonly connect?: { readonly host: string; readonly port: number } | undefined;
  readonly host?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly token?: string | undefined;
  /** For the gate and the team's keys. The origin itself is tested over sockets. */
  readonly fetch: FetchLike | undefined;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const EACH_MS = 10_000;
const ALL_MS = 120_000;
/** A team that has no owner, for forgeries when the real team is not known. */
const NO_TEAM = "https://example.cloudflareaccess.com";

/**
 * Tests an origin at its own address, as a caller who bypasses Access would.
 *
 * @throws {GateError} (rejects) when a gate is given and does not answer
 * @throws {ControlError} (rejects) when the genuine token does not get in
 */
export async function knockAtOrigin(options: OriginOptions): Promise<KnockReport> {
  const { url, paths, connect, host, insecure, token, fetch, userAgent } = options;
  const ask: AskOptions = { fetch, timeoutMs: EACH_MS, userAgent };
  const gate = options.gate && (await askGate(options.gate, ask));
  const facts = token === undefined ? undefined : factsOf(token);
  const known = whose(options, gate, facts);
  const certs = gate?.certs ?? (await teamsCerts(known.issuer, ask));
  const listener = await listenerFor(options);
  const now = Math.floor(options.now / 1000);
  const expected = { issuer: known.chosen, audience: known.named };
  const untried: string[] = [];
  if (known.issuer === undefined) untried.push(NO_ISSUER);
  if (known.audience.length === 0) untried.push(NO_AUDIENCE);
  if (certs === undefined) untried.push(NO_KEYS);
  if (options.gate === undefined) untried.push(NO_GATE);
  else if (gate?.metaToken === undefined) untried.push(NO_META);
  if (token === undefined) untried.push(NO_TOKEN);
  if (listener === undefined) untried.push(NO_LISTENER);
  try {
    const door = { url, connect, host, insecure, userAgent, timeoutMs: EACH_MS };
    return await visit({
      url: url.href,
      origin: url.origin,
      host: hostOf(door),
      paths,
      carrier: socketCarrier(door),
      victim: {
        issuer: known.issuer ?? NO_TEAM,
        audience: known.audience.length > 0 ? known.audience : [randomTag()],
        certs,
        email: facts?.email ?? "admin@example.com",
        now,
        genuineClaims: facts?.claims,
        listener,
      },
      logins: [known.issuer, options.gate?.origin].filter((origin) => origin !== undefined),
      metaToken: gate?.metaToken,
      token,
      flaws: facts && flawsOf(facts, expected, now),
      untried,
      timeoutMs: ALL_MS,
    });
  } finally {
    await listener?.close();
  }
}

interface Whose {
  /** The team from the command line or from the gate. */
  readonly chosen: string | undefined;
  /** The AUD tags from the command line or from the gate. */
  readonly named: readonly string[];
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
}

/** Uses the options first, then the answer of the gate, then the token. */
function whose(
  { team, audience }: OriginOptions,
  gate: Gate | undefined,
  facts: GenuineFacts | undefined,
): Whose {
  const chosen = team === undefined ? gate?.issuer : accessTeam(team).issuer;
  const byGate = gate?.audience == null ? [] : [gate.audience];
  const said = audience.length > 0 ? audience : byGate;
  return {
    chosen,
    named: said,
    issuer: chosen ?? facts?.issuer,
    audience: said.length > 0 ? said : (facts?.audience ?? []),
  };
}

/** Sends a request only to an Access team's address: the token could name any address. */
async function teamsCerts(issuer: string | undefined, ask: AskOptions): Promise<unknown> {
  if (issuer === undefined) return undefined;
  try {
    return await certsOf(accessTeam(issuer), ask);
  } catch {
    return undefined;
  }
}

/** Starts a listener for an application on this machine. Others could not reach it. */
async function listenerFor({ url, connect }: OriginOptions): Promise<RunningListener | undefined> {
  // Sockets take an IPv6 address without the brackets that a URL needs (RFC 3986 section 3.2.2).
  const host = connect?.host.replace(/^.*:.*$/, "[$&]");
  const to = host === undefined ? url : new URL(`http://${host}`);
  return isLoopback(to) ? startListener() : undefined;
}

const NO_ISSUER =
  "The team is not known, so the forgeries name another one. A guard may refuse them for the issuer alone: give --team or --gate.";
const NO_AUDIENCE =
  "The AUD tag is not known, so the forgeries name another one. A guard may refuse them for the audience alone: give --audience or --gate.";
const NO_KEYS =
  "The team's keys could not be fetched, so HS256 with a public key and forgeries with a real kid were not tried.";
const NO_GATE = "The token that the gate gives to everyone was not tried: give --gate.";
const NO_META = "The gate gave no token of its own, so none was tried.";
const NO_TOKEN =
  "There was no genuine token. So it is not known whether valid users get in, and no altered token was tried: give --token.";
const NO_LISTENER =
  "Forgeries that name an address for their key (jku, x5u, a foreign iss) were tried only with data: URLs, because the origin is not on this machine.";
