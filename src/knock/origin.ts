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

/** Where to knock, and as what. */
export interface OriginOptions {
  readonly url: URL;
  /** The public name, which Access guards. */
  readonly gate?: URL | undefined;
  readonly team?: string | undefined;
  readonly audience: readonly string[];
  readonly paths: readonly string[];
  readonly connect?: { readonly host: string; readonly port: number } | undefined;
  readonly host?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly token?: string | undefined;
  /** For the gate and the team's keys; the door itself is reached over sockets. */
  readonly fetch: FetchLike | undefined;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const EACH_MS = 10_000;
const ALL_MS = 120_000;
/** A team without an owner: for forgeries where the right one is not known. */
const NO_TEAM = "https://example.cloudflareaccess.com";

/**
 * Tries an origin's own address, as a caller who bypasses Access would.
 *
 * @throws {GateError} (rejects) when there is a gate and it does not answer
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
  const expected = { issuer: known.chosen, audience: options.audience };
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
  /** The team as it was named, by the command line or by the gate. */
  readonly chosen: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
}

/** What was said wins over what the gate says, and that over what the token says. */
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
    issuer: chosen ?? facts?.issuer,
    audience: said.length > 0 ? said : (facts?.audience ?? []),
  };
}

/** Only a team's own address is asked: a token could name any. */
async function teamsCerts(issuer: string | undefined, ask: AskOptions): Promise<unknown> {
  if (issuer === undefined) return undefined;
  try {
    return await certsOf(accessTeam(issuer), ask);
  } catch {
    return undefined;
  }
}

/** A door on this machine could fetch an attacker's keys from here; any other could not. */
async function listenerFor({ url, connect }: OriginOptions): Promise<RunningListener | undefined> {
  const to = connect === undefined ? url : new URL(`http://${connect.host}`);
  return isLoopback(to) ? startListener() : undefined;
}

const NO_ISSUER =
  "The team is not known, so the forgeries name another one, and a door that looks at the issuer refuses them for that: give --team or --gate.";
const NO_AUDIENCE =
  "The AUD tag is not known, so the forgeries name another one, and a door that looks at the audience refuses them for that: give --audience or --gate.";
const NO_KEYS =
  "The team's keys are not available, so HS256 under a public key and forgeries under a real kid were not tried.";
const NO_GATE = "The token that the gate gives to every visitor was not tried: give --gate.";
const NO_META = "The gate gave no token to try.";
const NO_TOKEN =
  "There was no genuine token, so nothing shows that the right people get in, and no spoilt one was tried: give --token.";
const NO_LISTENER =
  "Keys that the door would fetch over the network (jku, x5u, a foreign iss) were only tried as data: URLs, because the origin is not on this machine.";
