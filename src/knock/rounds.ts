import { carry, get, nothing, type Way } from "./credentials.ts";
import { forge } from "./forgeries.ts";
import { OFTEN_PUBLIC } from "./forwarded.ts";
import { isHidden, isSame, judge, type Surroundings, verdictOf, withOtherSlash } from "./judge.ts";
import { pageOf } from "./page.ts";
import { plan } from "./plan.ts";
import type { PublicPage } from "./spellings.ts";
import type { Answer, Knock, KnockReport, KnockResult, Outcome, Page, Reply } from "./types.ts";
import type { Visit } from "./visit.ts";

/** The genuine token did not get in, so a refusal proves nothing. */
export class ControlError extends Error {
  override readonly name: string = "ControlError";
}

/** The maximum number of requests to an origin for one report. */
export const MAX_REQUESTS = 300;
const AT_ONCE = 4;
const UNKNOWN = ["/postern-knock-at-no-page", "/no-page-for-this-knock"] as const;

/**
 * Knocks without credentials, then with the genuine token, then with everything else, four at once.
 *
 * @throws {ControlError} (rejects) when the genuine token gets no 2xx
 */
export async function visit(given: Visit): Promise<KnockReport> {
  const round = startRound(given);
  try {
    return await round.run();
  } finally {
    round.stop();
  }
}

function startRound(given: Visit) {
  const { carrier, victim, token } = given;
  const paths = [...given.paths];
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), given.timeoutMs);
  const plain = new Map<string, Outcome>();
  const bare = new Map<string, Reply>();
  const control = new Map<string, Reply>();
  const refusal = new Map<string, Answer>();
  let open: readonly Page[] = [];
  const around: Surroundings = {
    ...{ logins: given.logins, origin: given.origin },
    ...{ plain, control, refusal },
  };
  let fallback: Page | undefined;
  const results: KnockResult[] = [];
  const untried = [...given.untried];
  let left = MAX_REQUESTS + (given.hostile?.length ?? 0);
  let uncarried = 0;

  const send = async (sent: Knock["sent"]): Promise<Reply> => {
    if (left <= 0)
      return { status: null, isCut: false, reason: "not tried: the limit is 300 requests" };
    if (controller.signal.aborted)
      return { status: null, isCut: false, reason: "not tried: the time for this run is over" };
    left--;
    return carrier.send(sent, controller.signal);
  };
  const tell = (knock: Knock, reply: Reply, outcome: Outcome, note?: string): void => {
    const { name, why, family, sent } = knock;
    const path = sent.target.replace(/\?.*$/s, "");
    const { status } = reply;
    results.push({ name, path, why, status, outcome, ...(note !== undefined && { note }), family });
  };
  const tryAll = async (knocks: readonly Knock[]): Promise<void> => {
    const possible = knocks.filter(({ sent }) => carrier.carries(sent));
    uncarried += knocks.length - possible.length;
    const replies = await fewAtOnce(possible, ({ sent }) => send(sent));
    for (const [index, knock] of possible.entries()) {
      const reply = replies[index] as Reply;
      const { outcome, note } = judge(knock, reply, { ...around, fallback, pages: open });
      if (knock.name === "nothing") {
        plain.set(knock.base, outcome);
        bare.set(knock.base, reply);
      }
      tell(knock, reply, outcome, note);
    }
  };

  return {
    stop: () => clearTimeout(timer),
    async run(): Promise<KnockReport> {
      await tryAll(paths.map((path) => nothing(path)));
      if (results.every(({ status }) => status === null)) return report();
      await followSlashes();
      const ways = token === undefined ? [] : await admit(token);
      const { pages, unknown } = await publicPages();
      open = pages.map(({ page }) => page);
      const planned = plan(
        { ...given, paths },
        { forgeries: await forge(victim), ways, pages, unknown },
      );
      await tryAll(whatFits(planned));
      // Last, because the application may have remembered the genuine token by now.
      if (ways.length > 0)
        await tryAll(paths.map((path) => nothing(path, "nothing-after-the-genuine-token")));
      return report();
    },
  };

  /** Where a redirect only adds or takes away the slash at the end of a path, that path is tested instead. */
  async function followSlashes(): Promise<void> {
    const moved: string[] = [];
    for (const [index, path] of paths.entries()) {
      const reply = bare.get(path);
      const other = reply && withOtherSlash(reply, path, given.origin);
      if (other === undefined || paths.includes(other)) continue;
      results.splice(
        results.findIndex((result) => result.path === path),
        1,
      );
      plain.delete(path);
      paths[index] = other;
      moved.push(other);
    }
    await tryAll(moved.map((path) => nothing(path)));
  }

  /** Returns as many as the limit allows and reports how many were left out. */
  function whatFits(planned: readonly Knock[]): readonly Knock[] {
    const possible = planned.filter(({ sent }) => carrier.carries(sent));
    uncarried += planned.length - possible.length;
    const room = Math.max(0, left - paths.length);
    if (possible.length > room) {
      untried.push(
        `${possible.length - room} of the rarest knocks were left out, because the limit is 300 requests: knock at each path alone.`,
      );
    }
    return possible.slice(0, room);
  }

  /** Finds out in which places the genuine token gets in. */
  async function admit(text: string): Promise<Way[]> {
    const ways: Way[] = [];
    for (const base of paths) {
      for (const way of ["header", "cookie"] as const) {
        const sent = get(base, carry(way, text));
        const reply = await send(sent);
        const isIn = isWelcome(reply);
        if (isIn && !ways.includes(way)) ways.push(way);
        if (isIn || !control.has(base)) control.set(base, reply);
        const why = "The genuine token must get in, or a refusal proves nothing.";
        const name = `control-${way}`;
        if (isIn) {
          tell({ name, base, why, sent, family: "genuine token, spoilt" }, reply, "control");
          for (const { name, why } of given.flaws ?? []) {
            tell({ name, base, why, sent, family: "genuine token, wrong kind" }, reply, "open");
          }
        }
      }
    }
    if (ways.length > 0) {
      results.splice(0, paths.length, ...results.slice(0, paths.length).map(seenAgain));
      return ways;
    }
    const [reply] = [...control.values()];
    const status = reply?.status ?? null;
    const isDown = status === null || status >= 500;
    const hint = isDown
      ? "start the application and its guard, then knock again."
      : "is the token for this team and application, and has it expired?";
    throw new ControlError(
      `The genuine token got ${status ?? "no answer"} instead of a 2xx, so a refusal proves nothing: ${hint}`,
    );
  }

  /** Judges the request without credentials again, now that the answer to the genuine token is known. */
  function seenAgain(result: KnockResult): KnockResult {
    const { path: base, outcome } = result;
    const reply = bare.get(base);
    const genuine = control.get(base);
    if (reply === undefined || reply.status === null || genuine === undefined) return result;
    if (outcome === "unclear" && isHidden(reply, genuine)) {
      plain.set(base, "shut");
      refusal.set(base, reply);
      return { ...result, outcome: "shut", note: "the genuine token gets a page here" };
    }
    const isOther = genuine.status !== null && !isSame(reply, genuine);
    if (outcome !== "open" || !isOther) return result;
    return {
      ...result,
      note: "the genuine token gets another page: if this one is a refusal, answer it with 401 or 403",
    };
  }

  /**
   * Finds pages that are open to everyone. That is no fault, but they may help to bypass a guard. It
   * asks for each of them twice, because parts of a page can change.
   */
  async function publicPages(): Promise<{ pages: PublicPage[]; unknown: PublicPage | undefined }> {
    const asked = OFTEN_PUBLIC.filter((path) => !paths.includes(path));
    const [nowhere, ...replies] = await fewAtOnce([UNKNOWN[0], ...asked], (path) =>
      send(get(path)),
    );
    const found = asked
      .flatMap((path, index) => {
        const reply = replies[index];
        return reply !== undefined && isWelcome(reply) ? [{ path, reply }] : [];
      })
      .slice(0, 3);
    const pages = await fewAtOnce(found, async ({ path, reply }): Promise<PublicPage> => {
      const again = await send(get(path));
      return { path, page: pageOf(reply, isWelcome(again) ? again : reply) };
    });
    if (nowhere === undefined || nowhere.status === null) return { pages, unknown: undefined };
    const again = isWelcome(nowhere) ? await send(get(UNKNOWN[1])) : nowhere;
    const page = pageOf(nowhere, isWelcome(again) ? again : nowhere);
    if (isWelcome(nowhere)) fallback = page;
    return { pages, unknown: { path: UNKNOWN[0], page } };
  }

  function report(): KnockReport {
    if (results.every(({ status }) => status === 503)) {
      untried.push(
        "Every answer was 503. A guard without keys answers so, but also an application that is down: knock again when it answers 401.",
      );
    }
    if (uncarried > 0) {
      untried.push(
        `${uncarried} knocks were left out: fetch cannot send them (raw paths, Host, WebSockets). The command postern knock can.`,
      );
    }
    return { url: given.url, verdict: verdictOf(results), knocks: results, untried };
  }
}

function isWelcome(reply: Reply): reply is Answer {
  return reply.status !== null && reply.status >= 200 && reply.status < 300;
}

/** Runs at most four at once. The results keep the order of the items. */
async function fewAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
