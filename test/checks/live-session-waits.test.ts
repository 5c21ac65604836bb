import { afterEach, describe, expect, it, vi } from "vitest";
import type { VerifiedAccessToken } from "../../src/access/access-token.ts";
import { allowLiveSession, type LiveSessionOptions } from "../../src/checks/index.ts";
import type { CallOptions } from "../../src/index.ts";
import { isWaiting, startClock, turns } from "../support/story-clock.ts";
import { unhandledIn } from "../support/unhandled.ts";

const ISSUER = "https://acme.cloudflareaccess.com";
const ada = {
  principal: { kind: "user", id: "7335d417", email: "ada@acme.com", issuer: ISSUER },
  issuer: ISSUER,
} as unknown as VerifiedAccessToken;

const STANDS = () => new Response('{"email":"ada@acme.com"}');
const ENDED = () => new Response(null, { status: 401 });
const DOWN = () => new Response(null, { status: 502 });

afterEach(() => {
  vi.restoreAllMocks();
});

/** An identity endpoint that answers on command, on a clock that is moved by hand. */
function story(options: Partial<LiveSessionOptions> = {}) {
  const clock = startClock();
  const questions: ((response: Response) => void)[] = [];
  const check = allowLiveSession({
    everySeconds: 3600,
    onUnknown: "refuse",
    now: clock.now,
    fetch: () => new Promise<Response>((resolve) => questions.push(resolve)),
    ...options,
  });
  return {
    clock,
    questions,
    check,
    /** A request's verdict, as text. */
    async ask(call: CallOptions = {}, token = "a.b.c"): Promise<string> {
      try {
        return `${await check(ada, call, token)}`;
      } catch (error) {
        const { status = error } = error as { status?: number };
        return `${status}`;
      }
    },
    async answer(response: Response, question = questions.length - 1): Promise<void> {
      questions[question]?.(response);
      await turns();
    },
  };
}

/** A verdict that needs no answer of the endpoint. Fails at once when it waits for one. */
async function known(verdict: Promise<string>): Promise<string> {
  expect(await isWaiting(verdict)).toBe(false);
  return verdict;
}

/** A request to the endpoint whose owner is gone: neither its fetch nor its timers ever end. */
async function lostLeader(options?: Partial<LiveSessionOptions>) {
  const told = story(options);
  const leading = told.ask();
  await turns();
  told.clock.forgetTimers();
  expect(await isWaiting(leading)).toBe(true);
  return told;
}

describe("a question that ended with its request", () => {
  it("is asked again once by the waiting requests, after its time limit and a grace period", async () => {
    const { clock, questions, ask, answer } = await lostLeader();
    const crowd = Promise.all(Array.from({ length: 50 }, () => ask()));
    await clock.elapse(5);
    expect(questions).toHaveLength(1);
    await clock.elapse(0.2);
    expect(questions).toHaveLength(2);
    await answer(STANDS());
    expect(await crowd).toEqual(Array(50).fill("true"));
    expect(clock.timers).toBe(0);
  });

  it.each([5.1, 5.2])("delays no request that comes %f s later", async (seconds) => {
    const { clock, questions, ask, answer } = await lostLeader();
    await clock.elapse(seconds);
    const late = ask();
    await turns();
    expect(questions).toHaveLength(2);
    await answer(STANDS());
    expect(await late).toBe("true");
  });

  it("is followed by one more, and then the wait ends", async () => {
    for (const [onUnknown, verdict] of [
      ["refuse", "503"],
      ["allow", "true"],
    ] as const) {
      const { clock, questions, ask } = await lostLeader({ onUnknown });
      const first = ask();
      await clock.elapse(5.2);
      expect(questions).toHaveLength(2);
      // The second question gets no answer either, and ends with its own time limit.
      await clock.elapse(5.2);
      expect(await first).toBe(verdict);
      expect(questions).toHaveLength(2);
    }
  });

  it("is followed by no third one, when the second ended with its request too", async () => {
    const { clock, questions, check } = story();
    const { setTimeout } = globalThis;
    // The time limits of requests to the endpoint are lost. Those of waiting calls are longer.
    const keepsWaits = (call: () => void, delay?: number, ...given: unknown[]): unknown =>
      delay === 5000 ? 0 : setTimeout(call as never, delay, ...given);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(keepsWaits as never);
    const verdict = check(ada, {}, "a.b.c").catch((error: unknown) => error);
    await clock.elapse(5.2);
    expect(questions).toHaveLength(2);
    await clock.elapse(5.2);
    expect(questions).toHaveLength(2);
    expect(await verdict).toMatchObject({
      name: "KeySetError",
      code: "fetch_failed",
      cause: { name: "IdentityError", code: "fetch_timeout" },
    });
  });

  it("decides nothing when its answer comes late", async () => {
    const { clock, ask, answer } = await lostLeader();
    const follower = ask();
    await clock.elapse(5.2);
    await answer(STANDS(), 1);
    expect(await follower).toBe("true");
    await answer(ENDED(), 0);
    expect(await known(ask())).toBe("true");
  });

  it("is not waited for longer when the clock stands still or is set back", async () => {
    for (const act of ["freeze", "set"] as const) {
      const { clock, questions, ask, answer } = await lostLeader();
      if (act === "freeze") clock.freeze();
      else clock.set(-86_400);
      const follower = ask();
      await clock.elapse(5.2);
      expect(questions).toHaveLength(2);
      await answer(STANDS());
      expect(await follower).toBe("true");
    }
  });
});

describe("a question under way", () => {
  it("is the only one about its token, whatever the clock does", async () => {
    const { clock, questions, ask, answer } = story();
    const verdicts = [ask(), ask()];
    clock.set(-3600);
    verdicts.push(ask());
    await clock.elapse(1);
    verdicts.push(ask(), ask({}, "d.e.f"));
    await turns();
    expect(questions).toHaveLength(2);
    await answer(STANDS(), 0);
    await answer(ENDED(), 1);
    expect(await Promise.all(verdicts)).toEqual(["true", "true", "true", "true", "401"]);
  });

  it("is given to waitUntil once, by the request that asks", async () => {
    const { ask, answer } = story();
    const kept: Promise<unknown>[] = [];
    class Context {
      readonly kept = kept;
      waitUntil(promise: Promise<unknown>): void {
        this.kept.push(promise);
      }
    }
    const verdicts = [ask(new Context()), ask(new Context())];
    await turns();
    expect(kept).toHaveLength(1);
    await answer(DOWN());
    // A promise that a runtime keeps alive must not fail after the response.
    expect(await Promise.all(kept)).toEqual([undefined]);
    expect(await Promise.all(verdicts)).toEqual(["503", "503"]);
  });

  it("goes on when the runtime cannot keep it alive", async () => {
    const { ask, answer } = story();
    const count = await unhandledIn(async () => {
      const fails = (): never => {
        throw new Error("the response was sent");
      };
      for (const [token, waitUntil] of [
        ["a.b.c", fails],
        ["d.e.f", async () => fails()],
      ] as const) {
        const verdict = ask({ waitUntil }, token);
        await turns();
        await answer(STANDS());
        expect(await verdict).toBe("true");
      }
    });
    expect(count).toBe(0);
  });

  it("continues after the call that asked: its signal ends that call's wait only", async () => {
    for (const onUnknown of ["allow", "refuse"] as const) {
      const { questions, ask, answer } = story({ onUnknown });
      const controller = new AbortController();
      const leaving = ask({ signal: controller.signal });
      const staying = [ask(), ask({ signal: new AbortController().signal })];
      controller.abort();
      expect(await leaving).toBe("503");
      expect(await ask({ signal: controller.signal })).toBe("503");
      await answer(STANDS());
      expect(await Promise.all(staying)).toEqual(["true", "true"]);
      expect(questions).toHaveLength(1);
      // A known answer needs no wait.
      expect(await ask({ signal: controller.signal })).toBe("true");
    }
  });

  it("is not asked for a call that has already ended, which gets its own reason", async () => {
    const { questions, check } = story({ onUnknown: "allow" });
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(check(ada, { signal }, "a.b.c")).rejects.toMatchObject({
      name: "KeySetError",
      code: "fetch_failed",
      cause: signal.reason,
    });
    expect(questions).toHaveLength(0);
  });
});

describe("a question that failed", () => {
  const FAILURES: readonly [how: string, fail: () => Response][] = [
    ["answers 502", DOWN],
    ["answers 429", () => new Response(null, { status: 429 })],
    ["answers what is no identity", () => new Response("<html>")],
    ["answers 404", () => new Response(null, { status: 404 })],
  ];

  describe.each(["allow", "refuse"] as const)("with onUnknown %s", (onUnknown) => {
    const unknown = onUnknown === "allow" ? "true" : "503";

    it.each(FAILURES)("is asked again 3 s later when the endpoint %s", async (_, fail) => {
      const { clock, questions, ask, answer } = story({ onUnknown });
      const first = ask();
      await turns();
      await answer(fail());
      expect(await first).toBe(unknown);
      await clock.elapse(2.9);
      expect(await known(ask())).toBe(unknown);
      expect(questions).toHaveLength(1);
      await clock.elapse(0.2);
      const again = ask();
      await turns();
      expect(questions).toHaveLength(2);
      await answer(ENDED());
      // A log-out during an outage is found as soon as the endpoint answers.
      expect(await again).toBe("401");
    });

    it("is asked again 3 s after its time limit, when the endpoint hangs", async () => {
      const { clock, questions, ask, answer } = story({ onUnknown });
      const first = ask();
      await clock.elapse(5);
      expect(await first).toBe(unknown);
      await clock.elapse(2.9);
      expect(await known(ask())).toBe(unknown);
      await clock.elapse(0.2);
      const again = ask();
      await turns();
      expect(questions).toHaveLength(2);
      await answer(STANDS());
      expect(await again).toBe("true");
      // And that answer counts as long as any other.
      await clock.elapse(3500);
      expect(await known(ask())).toBe("true");
      expect(questions).toHaveLength(2);
    });

    it("is asked again no later than everySeconds", async () => {
      const { clock, questions, ask, answer } = story({ onUnknown, everySeconds: 1 });
      const first = ask();
      await turns();
      await answer(DOWN());
      expect(await first).toBe(unknown);
      await clock.elapse(1);
      ask();
      await turns();
      expect(questions).toHaveLength(2);
    });
  });

  it("is the application's own fault when it could not be asked at all", async () => {
    const check = allowLiveSession({ everySeconds: 60, onUnknown: "allow" });
    const stranger = { ...ada, issuer: "https://issuer.example" };
    await expect(check(stranger, {}, "a.b.c")).rejects.toThrow(TypeError);
  });
});
