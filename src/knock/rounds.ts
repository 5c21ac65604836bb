import { carry, get, nothing, type Way } from "./credentials.ts";
import { forge } from "./forgeries.ts";
import { OFTEN_PUBLIC } from "./forwarded.ts";
import { isHidden, isSame, judge, type Surroundings, verdictOf } from "./judge.ts";
import { plan } from "./plan.ts";
import type { PublicPage } from "./spellings.ts";
import type { Answer, Knock, KnockReport, KnockResult, Outcome, Reply } from "./types.ts";
import type { Visit } from "./visit.ts";

/** The genuine token did not get in: nothing that was refused proves anything. */
export class ControlError extends Error {
  override readonly name: string = "ControlError";
}

/** The most requests that one report sends to an origin. */
export const MAX_REQUESTS = 300;
const AT_ONCE = 4;
/** A path that no application has. */
const UNKNOWN = "/postern-knock-at-no-page";

/**
 * Knocks in order: with nothing; with the genuine token; then everything else, four at once.
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
  const { paths, carrier, victim, token } = given;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), given.timeoutMs);
  const plain = new Map<string, Outcome>();
  const bare = new Map<string, Reply>();
  const control = new Map<string, Reply>();
  const refusal = new Map<string, Answer>();
  const around: Surroundings = {
    ...{ logins: given.logins, origin: given.origin },
    ...{ plain, control, refusal },
  };
  let fallback: Answer | undefined;
  const results: KnockResult[] = [];
  const untried = [...given.untried];
  let left = MAX_REQUESTS + (given.hostile?.length ?? 0);
  let uncarried = 0;

  const send = async (sent: Knock["sent"]): Promise<Reply> => {
    if (left <= 0)
      return { status: null, isCut: false, reason: "not tried: 300 requests are enough" };
    if (controller.signal.aborted)
      return { status: null, isCut: false, reason: "not tried: the time is over" };
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
      const { outcome, note } = judge(knock, reply, { ...around, fallback });
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
      const ways = token === undefined ? [] : await admit(token);
      const pages = await publicPages();
      const planned = plan(given, { forgeries: await forge(victim), ways, pages });
      await tryAll(whatFits(planned));
      // Last, so that whatever the door remembers of the genuine token it remembers now.
      if (ways.length > 0)
        await tryAll(paths.map((path) => nothing(path, "nothing-after-the-genuine-token")));
      return report();
    },
  };

  /** As many as may be sent; the rest is said not to have been tried. */
  function whatFits(planned: readonly Knock[]): readonly Knock[] {
    const possible = planned.filter(({ sent }) => carrier.carries(sent));
    uncarried += planned.length - possible.length;
    const room = Math.max(0, left - paths.length);
    if (possible.length > room) {
      untried.push(
        `${possible.length - room} spellings and headers of the further paths were left out, because 300 requests are enough for one visit: knock at them one by one.`,
      );
    }
    return possible.slice(0, room);
  }

  /** Which way the genuine token gets in. */
  async function admit(text: string): Promise<Way[]> {
    const ways: Way[] = [];
    for (const base of paths) {
      for (const way of ["header", "cookie"] as const) {
        const sent = get(base, carry(way, text));
        const reply = await send(sent);
        const isIn = isWelcome(reply);
        if (isIn && !ways.includes(way)) ways.push(way);
        if (isIn || !control.has(base)) control.set(base, reply);
        const why = "The genuine token has to get in, or nothing that is refused proves anything.";
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
    const got = reply?.status ?? "no answer";
    throw new ControlError(
      `The genuine token got ${got} in place of a 2xx, so nothing that is refused proves anything: is it for this team and application, and has it expired?`,
    );
  }

  /** What the request with no credentials got, in the light of what the genuine token got. */
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

  /** Pages that are open to all: no fault on their own, but a way to bypass a guard. */
  async function publicPages(): Promise<PublicPage[]> {
    const asked = OFTEN_PUBLIC.filter((path) => !paths.includes(path)).map((path) => get(path));
    const [unknown, ...replies] = await fewAtOnce([get(UNKNOWN), ...asked], send);
    if (unknown !== undefined && isWelcome(unknown)) fallback = unknown;
    const pages = asked.flatMap(({ target }, index): PublicPage[] => {
      const reply = replies[index] as Reply;
      return isWelcome(reply) ? [{ path: target, answer: reply }] : [];
    });
    return pages.slice(0, 3);
  }

  function report(): KnockReport {
    if (uncarried > 0) {
      untried.push(
        `${uncarried} knocks were left out: this way of asking cannot spell them (raw paths, Host, WebSockets). The command can.`,
      );
    }
    return { url: given.url, verdict: verdictOf(results), knocks: results, untried };
  }
}

function isWelcome(reply: Reply): reply is Answer {
  return reply.status !== null && reply.status >= 200 && reply.status < 300;
}

/** At most four at once, in order. */
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
