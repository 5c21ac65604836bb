import { isPage } from "./page.ts";
import type { Answer, Knock, Outcome, Page, Reply, Verdict } from "./types.ts";

/** The other answers, with which an answer is compared. */
export interface Surroundings {
  /** The origins of the team and of its gate. A redirect to one of them is a refusal. */
  readonly logins: readonly string[];
  /** The origin that is tested. */
  readonly origin: string;
  /** The outcome of the request without credentials, by path. */
  readonly plain: ReadonlyMap<string, Outcome>;
  /** The answer to the genuine token, by path. */
  readonly control: ReadonlyMap<string, Reply>;
  /** The answer without credentials, for each path where the genuine token got a page. */
  readonly refusal?: ReadonlyMap<string, Answer>;
  /** Pages that are open to everyone. */
  readonly pages?: readonly Page[];
  /** The page that the application shows without credentials for a path that does not exist. */
  readonly fallback?: Page | undefined;
}

export interface Judgement {
  readonly outcome: Outcome;
  readonly note?: string;
}

const REFUSED: readonly number[] = [401, 403, 503];

const TOO_MANY = 429;

/** Whether this is a refusal, but only for a path that is known to be guarded. */
function isNotThere(status: number): boolean {
  return (status >= 400 && status < 500 && status !== TOO_MANY) || status === 501;
}

const shut = (note?: string): Judgement => ({
  outcome: "shut",
  ...(note !== undefined && { note }),
});
const open = (note?: string): Judgement => ({
  outcome: "open",
  ...(note !== undefined && { note }),
});
const unclear = (note: string): Judgement => ({ outcome: "unclear", note });

/** Decides whether one answer means that the request got in. */
export function judge(knock: Knock, reply: Reply, around: Surroundings): Judgement {
  const { sent, base, ordinary } = knock;
  const { pages = [], fallback } = around;
  const isShut = around.plain.get(base) === "shut";
  if (reply.status === null) {
    if (sent.isHandshake && reply.isCut) return shut("the handshake was cut");
    // Servers cut what they cannot read, and names that they do not serve (nginx: `return 444`).
    if (isShut && reply.isCut && isOdd(knock))
      return shut("the connection was closed without an answer");
    return unclear(reply.reason);
  }
  const { status } = reply;
  if (status === 101) return open("the handshake was accepted");
  if (sent.isHandshake && sent.target !== base) return shut("no WebSocket there");
  if (status >= 200 && status < 300) {
    if (sent.method === "OPTIONS" && isListOfMethods(reply.body)) {
      // Frameworks answer OPTIONS with the list of methods themselves, before any guard.
      return isShut
        ? shut("answered without a page, so nothing leaked")
        : unclear("answered without a page");
    }
    if (ordinary !== undefined && isPage(reply, ordinary)) return shut("the public page answered");
    if (pages.some((page) => isElsewhere(knock, reply, page, around)))
      return shut("a public page answered");
    if (fallback !== undefined && isElsewhere(knock, reply, fallback, around))
      return shut("the page for unknown paths answered");
    if (isShut && isNoSite(knock, reply, around))
      return shut("an empty page: no site has this name");
    return open();
  }
  if (REFUSED.includes(status)) return shut();
  if (ordinary !== undefined && status >= 300 && status === ordinary.answer.status)
    return shut("answered as without the header");
  if (isLogin(reply, around)) return shut("redirected to the log-in");
  if (sent.isHandshake && status >= 300) return shut("the handshake was refused");
  const control = around.control.get(base);
  if (control !== undefined && control.status !== null && isTelling(control)) {
    if (isSame(reply, control)) return open("the same answer as for the genuine token");
  }
  if (isShut && isNotThere(status)) return shut();
  if (isRefusal(reply, around.refusal?.get(base)))
    return shut("refused like the request without credentials");
  if (isShut && leadsBack(reply, knock, around))
    return shut("redirected to the normalized path, which is shut");
  if (isShut && withOtherSlash(reply, sent.target, around.origin) !== undefined)
    return shut("redirected to the same path, with or without a slash at its end");
  if (leadsToTls(reply, around))
    return unclear("redirected to the same address on https: knock there");
  if (status === TOO_MANY) return unclear("too many requests: knock again later");
  return unclear(status >= 500 ? "a server error" : "neither a refusal nor a page");
}

/**
 * Whether an answer without credentials is a refusal, because the genuine token got a page there.
 * Some guards answer 404, or redirect to a log-in page of their own.
 */
export function isHidden(reply: Reply, control: Reply | undefined): reply is Answer {
  if (reply.status === null || control === undefined || control.status === null) return false;
  const isPage = control.status >= 200 && control.status < 300;
  return isPage && (isNotThere(reply.status) || isRedirect(reply));
}

/** Frameworks answer OPTIONS with the methods in the body, too, before any guard. */
function isListOfMethods(body: string): boolean {
  // White space has one place in each half, so that the time is linear: the origin chooses the body.
  return /^(?:\s*ok\s*|(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|[,\s])*)$/i.test(
    body,
  );
}

/** Whether the path is spelt, or the site is named, in a way that a server may not know. */
function isOdd({ family, sent }: Knock): boolean {
  const isOther = sent.headers.some(([name]) => name.toLowerCase() === "host");
  return isOther || family === "spelling of the path";
}

/**
 * The path to which an answer redirects, if it only adds a slash at the end of the requested path, or
 * takes it away.
 */
export function withOtherSlash(reply: Reply, path: string, origin: string): string | undefined {
  if (reply.status === null || !isRedirect(reply)) return undefined;
  const bare = path.replace(/\?.*$/s, "");
  const other = bare.endsWith("/") ? bare.slice(0, -1) : `${bare}/`;
  const to = urlOf(reply.location, origin);
  return to?.origin === origin && to.pathname === other ? other : undefined;
}

/** Whether plain HTTP only redirects to HTTPS. The HTTPS address itself was not tested. */
function leadsToTls(reply: Answer, { origin }: Surroundings): boolean {
  if (!isRedirect(reply) || !origin.startsWith("http:")) return false;
  const to = urlOf(reply.location, origin);
  return to?.protocol === "https:" && to.hostname === new URL(origin).hostname;
}

function isRedirect({ status }: Answer): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** Whether it is the same refusal. The query of a redirect may differ, because it can contain the path. */
function isRefusal(answer: Answer, refusal: Answer | undefined): boolean {
  const bare = ({ location }: Answer): string | undefined => location?.replace(/[?#].*$/s, "");
  return (
    refusal !== undefined && answer.status === refusal.status && bare(answer) === bare(refusal)
  );
}

/**
 * Caddy answers 200 with an empty body for a host name that it has no site for. That is a refusal,
 * unless the genuine token gets an empty body too.
 */
function isNoSite({ sent, base }: Knock, reply: Answer, { control }: Surroundings): boolean {
  const isOtherName = sent.headers.some(([name]) => name.toLowerCase() === "host");
  const genuine = control.get(base);
  const isSaid = genuine !== undefined && genuine.status !== null && genuine.body === "";
  return isOtherName && reply.body === "" && sent.method === "GET" && !isSaid;
}

/**
 * Whether another spelling of the path led to a page that is open to everyone. That page leaks nothing, unless
 * the genuine token gets the same one. Without HTML this is no proof: a plain "ok" may stand everywhere.
 */
function isElsewhere(
  { family, base }: Knock,
  reply: Answer,
  page: Page,
  { control }: Surroundings,
): boolean {
  if (family !== "spelling of the path" || !isPage(reply, page)) return false;
  const genuine = control.get(base);
  if (genuine !== undefined && genuine.status !== null && isPage(genuine, page)) return false;
  return /<html[\s>]|<!doctype html/i.test(page.answer.body);
}

/** The verdict of the whole report. The requests with the genuine token do not count. */
export function verdictOf(
  knocks: readonly { readonly outcome: Outcome; readonly status: number | null }[],
): Verdict {
  const tried = knocks.filter(({ outcome }) => outcome !== "control");
  if (tried.some(({ outcome }) => outcome === "open")) return "open";
  if (knocks.every(({ status }) => status === null)) return "unreachable";
  return tried.every(({ outcome }) => outcome === "shut") ? "shut" : "unclear";
}

/** Whether this answer cannot be a refusal, so that it can be compared with. */
function isTelling({ status }: Answer): boolean {
  return !REFUSED.includes(status) && !isNotThere(status);
}

export function isSame(one: Answer, other: Answer): boolean {
  return one.status === other.status && one.location === other.location && one.body === other.body;
}

/** Whether it redirects to a log-in: a page of the team's host or of the gate. */
function isLogin({ status, location }: Answer, { logins, origin }: Surroundings): boolean {
  const to = status >= 300 && status < 400 ? urlOf(location, origin) : undefined;
  if (to === undefined) return false;
  if (logins.includes(to.origin)) return true;
  return to.protocol === "https:" && /^[a-z0-9-]+(?:\.fed)?\.cloudflareaccess\.com$/.test(to.host);
}

/**
 * Whether it redirects to a path that was tested and is shut, or to the usual name or protocol of the
 * same path.
 */
function leadsBack(answer: Answer, { sent }: Knock, { origin, plain }: Surroundings): boolean {
  if (!isRedirect(answer)) return false;
  const to = urlOf(answer.location, origin);
  if (to === undefined) return false;
  const nameOf = (host: string): string | undefined => urlOf(`http://${host}`, origin)?.hostname;
  const given = sent.headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const names = [nameOf(new URL(origin).host), ...(given === undefined ? [] : [nameOf(given)])];
  // An answer to another name may lead to the usual one, which is not known here.
  if (given === undefined && !names.includes(to.hostname)) return false;
  const bare = (path: string): string => path.replace(/(.)\/$/, "$1");
  return [...plain].some(([path, outcome]) => {
    const { pathname } = new URL(path, origin);
    return outcome === "shut" && bare(to.pathname) === bare(pathname);
  });
}

function urlOf(location: string | undefined, base: string): URL | undefined {
  try {
    return location === undefined ? undefined : new URL(location, base);
  } catch {
    return undefined;
  }
}
