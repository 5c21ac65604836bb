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
}

/** Every knock of a visit, the most useful first, because the number of requests is limited. */
export function plan(visit: Visit, { forgeries, ways, pages }: Found): readonly Knock[] {
  const { victim, token, host, metaToken: meta, paths } = visit;
  const [first = "/", ...others] = paths;
  const { all, stranger } = forgeries;
  const spoilt = token === undefined ? [] : spoil(token);
  const byWay = (base: string, tokens: readonly HostileToken[]): Knock[] => [
    ...(ways.includes("header") ? inAssertion(base, "genuine token, spoilt", tokens) : []),
    ...(ways.includes("cookie") ? inCookie(base, "genuine token, spoilt", tokens) : []),
  ];
  const few = all.filter(({ name }) => /^(?:alg-none|stolen-kid|embedded-jwk)$/.test(name));
  const essential = /^(?:assertion-garbage|email-header|service-of-a-stranger)$/;
  const further = others.map((base) => [
    ...worthless(base, victim.email).filter(({ name }) => essential.test(name)),
    ...(meta === undefined ? [] : gateToken(base, meta).slice(0, 2)),
    ...inAssertion(base, "forged token", few),
    ...methods(base, stranger).filter(({ name }) => !/^(?:websocket-|half)/.test(name)),
    ...places(base, forgeries).filter(({ name }) => /-in-(?:cookie|query)$/.test(name)),
    ...forwardedShort(base),
    ...byWay(base, spoilt.slice(0, 2)),
    ...spellings(base, host, pages),
  ]);
  return [
    ...worthless(first, victim.email),
    ...(meta === undefined ? [] : gateToken(first, meta)),
    ...byWay(first, spoilt),
    ...methods(first, stranger),
    ...inAssertion(first, "forged token", all),
    ...places(first, forgeries),
    ...spellings(first, host, pages),
    ...forwarded(first, host, pages),
    ...inAssertion(first, "genuine token, wrong kind", visit.wrongKinds ?? []),
    ...inAssertion(first, "genuine token, wrong kind", visit.hostile ?? []),
    ...inTurn(further),
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
