import type { HostileToken } from "../testing/hostile/forge.ts";
import { gateToken, inAssertion, inCookie, places, type Way, worthless } from "./credentials.ts";
import type { Forgeries } from "./forgeries.ts";
import { forwarded, forwardedShort } from "./forwarded.ts";
import { methods, sockets } from "./methods.ts";
import { type PublicPage, spellings } from "./spellings.ts";
import { spoil } from "./spoilt.ts";
import type { Knock } from "./types.ts";
import type { Visit } from "./visit.ts";

/** What the first requests found out. */
export interface Found {
  readonly forgeries: Forgeries;
  /** The places in which the genuine token got in. */
  readonly ways: readonly Way[];
  readonly pages: readonly PublicPage[];
  /** A path that does not exist, and the answer. */
  readonly unknown: PublicPage | undefined;
}

/** How many knocks at the further paths come before the rarest knocks at the first one. */
const FURTHER_FIRST = 60;
/** In the cookie, the copies that show by which part of a token a guard remembers it. */
const IN_COOKIE =
  /^genuine-(?:signature-(?:gone|first-letter)|payload-changed|header-changed|prefix-kept)$/;

/** Every knock of a visit, the most useful first, because the number of requests is limited. */
export function plan(visit: Visit, { forgeries, ways, pages, unknown }: Found): readonly Knock[] {
  const { victim, token, host, metaToken: meta, paths } = visit;
  const [first = "/", ...others] = paths;
  const { all, stranger } = forgeries;
  const spoilt = token === undefined ? [] : spoil(token);
  const inPlace = (tokens: readonly HostileToken[]): readonly HostileToken[] =>
    ways.includes("header") ? tokens.filter(({ name }) => IN_COOKIE.test(name)) : tokens;
  const byWay = (base: string, tokens: readonly HostileToken[]): Knock[] => [
    ...(ways.includes("header") ? inAssertion(base, "genuine token, spoilt", tokens) : []),
    ...(ways.includes("cookie") ? inCookie(base, "genuine token, spoilt", inPlace(tokens)) : []),
  ];
  const few = all.filter(({ name }) => /^(?:alg-none|stolen-kid|embedded-jwk)$/.test(name));
  const essential = /^(?:assertion-garbage|email-header|service-of-a-stranger)$/;
  const offered = { host, email: victim.email, stranger, meta };
  const further = others.map((base) => [
    ...worthless(base, victim.email).filter(({ name }) => essential.test(name)),
    ...(meta === undefined ? [] : gateToken(base, meta).slice(0, 2)),
    ...inAssertion(base, "forged token", few),
    ...methods(base, offered).filter(({ name }) => /^(?:head|options|websocket)$/.test(name)),
    ...spellings(base, host, pages),
    ...forwardedShort(base),
    ...places(base, forgeries).filter(({ name }) => /-in-(?:cookie|query)$/.test(name)),
    ...byWay(base, spoilt.slice(0, 2)),
    ...methods(base, offered).filter(({ name }) => !/websocket|^(?:head|options)$/.test(name)),
  ]);
  const furtherInTurn = inTurn(further);
  return [
    ...worthless(first, victim.email),
    ...(meta === undefined ? [] : gateToken(first, meta)),
    ...byWay(first, spoilt),
    ...methods(first, offered),
    ...inAssertion(first, "forged token", all),
    ...places(first, forgeries),
    ...spellings(first, host, pages),
    ...inAssertion(first, "genuine token, wrong kind", visit.wrongKinds ?? []),
    ...furtherInTurn.slice(0, FURTHER_FIRST),
    ...forwarded(first, { host, logins: visit.logins, email: victim.email, pages, unknown }),
    ...inAssertion(first, "genuine token, wrong kind", visit.hostile ?? []),
    ...furtherInTurn.slice(FURTHER_FIRST),
    ...sockets(first),
  ];
}

/** The first item of each list, then the second of each, and so on. So a limit cuts all lists alike. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap((list) => list.slice(at, at + 1)),
  ).flat();
}
