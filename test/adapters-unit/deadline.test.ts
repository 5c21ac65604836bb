import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { endingAt, onceOver } from "../../src/adapters/deadline.ts";
import { isWaiting } from "../support/story-clock.ts";
import { unhandledIn } from "../support/unhandled.ts";

const LONGEST = 2 ** 31 - 1;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  // In this order: what is restored is the timer of the fake clock.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a deadline", () => {
  it.each([-1, 0])("that is over calls back at once: %d ms", (left) => {
    const over = vi.fn();
    onceOver(() => Date.now() + left, over);
    expect(over).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("calls back once, at its time, also when that is further than a timer reaches", () => {
    const until = Date.now() + LONGEST + 5_000;
    const over = vi.fn();
    const timer = vi.spyOn(globalThis, "setTimeout");
    onceOver(() => until, over);
    vi.advanceTimersByTime(LONGEST + 4_999);
    expect(over).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(over).toHaveBeenCalledTimes(1);
    expect(timer.mock.calls.map(([, delay]) => delay)).toEqual([LONGEST, 5_000]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may move, and may be stopped", () => {
    let until = Date.now() + 1_000;
    const over = vi.fn();
    const stop = onceOver(() => until, over);
    until += 1_000;
    vi.advanceTimersByTime(1_999);
    expect(over).not.toHaveBeenCalled();
    stop();
    vi.advanceTimersByTime(10_000);
    expect(over).not.toHaveBeenCalled();
  });

  it("keeps no process alive, and needs no timer that is an object", () => {
    const unref = vi.fn();
    const timer = vi.spyOn(globalThis, "setTimeout");
    timer.mockReturnValueOnce({ unref } as never).mockReturnValueOnce(7 as never);
    onceOver(() => Date.now() + 1_000, vi.fn());
    expect(unref).toHaveBeenCalledTimes(1);
    expect(() => onceOver(() => Date.now() + 1_000, vi.fn())).not.toThrow();
  });
});

/** The result of a promise that is settled already. Fails at once when it is not. */
async function settled<T>(promise: Promise<T> | undefined): Promise<T> {
  if (promise === undefined || (await isWaiting(promise))) return expect.unreachable();
  return promise;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

describe("an event stream with a deadline", () => {
  const headers = { "content-type": "text/event-stream; charset=utf-8", "x-own": "1" };
  type Source = ConstructorParameters<typeof ReadableStream<Uint8Array>>[0];
  const source = (members: Source = {}) => new ReadableStream<Uint8Array>(members);

  it("is the same response when it is no event stream", () => {
    const others = [
      new Response("in"),
      new Response("in", { headers: { "content-type": "application/json" } }),
      new Response(source()),
      new Response(null, { headers }),
    ];
    for (const response of others) expect(endingAt(response, 0)).toBe(response);
  });

  it("keeps its status and headers, and its chunks until its source ends", async () => {
    const given = new Response("data: 1\n\n", { status: 201, statusText: "Made", headers });
    const response = endingAt(given, Date.now() + 1_000);
    expect([response.status, response.statusText]).toEqual([201, "Made"]);
    expect(Object.fromEntries(response.headers)).toEqual(headers);
    expect(await settled(response.text())).toBe("data: 1\n\n");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends at its time, even when its source cannot be cancelled", async () => {
    const cancel = vi.fn(() => Promise.reject(new Error("a bug")));
    const response = endingAt(new Response(source({ cancel }), { headers }), Date.now() + 1_000);
    const reader = response.body?.getReader();
    const count = await unhandledIn(async () => {
      const next = reader?.read();
      vi.advanceTimersByTime(1_000);
      expect(await settled(next)).toEqual({ done: true, value: undefined });
    });
    expect(count).toBe(0);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("discards a chunk that arrives after its end", async () => {
    let send = (_chunk: Uint8Array): void => {};
    const late = source({
      start(controller) {
        send = (chunk) => controller.enqueue(chunk);
      },
    });
    const response = endingAt(new Response(late, { headers }), Date.now() + 1_000);
    const reader = response.body?.getReader();
    const count = await unhandledIn(async () => {
      const next = reader?.read();
      send(new Uint8Array([1]));
      vi.advanceTimersByTime(1_000);
      expect((await settled(next)).done).toBe(true);
    });
    expect(count).toBe(0);
  });

  it("stops its timer, and tells its source why, when its reader leaves", async () => {
    const cancel = vi.fn();
    const response = endingAt(new Response(source({ cancel }), { headers }), Date.now() + 1_000);
    expect(vi.getTimerCount()).toBe(1);
    await settled(response.body?.cancel("enough"));
    expect(cancel).toHaveBeenCalledWith("enough");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes on a failure of its source, at once and after a chunk, and stops its timer", async () => {
    const start: Source = { start: (controller) => controller.error(new Error("a bug")) };
    const pull: Source = { pull: () => Promise.reject(new Error("a bug")) };
    let count = 0;
    const later: Source = {
      pull(controller) {
        if (count++ === 0) controller.enqueue(new Uint8Array([1]));
        else controller.error(new Error("a bug"));
      },
    };
    for (const members of [start, pull, later]) {
      const given = new Response(source(members), { headers });
      const response = endingAt(given, Date.now() + 1_000);
      await expect(settled(response.text())).rejects.toThrow("a bug");
      expect(vi.getTimerCount()).toBe(0);
      // A timer that closes a failed stream throws.
      vi.advanceTimersByTime(2_000);
    }
  });

  it.each<[string, (source: ReadableStreamDefaultController, reader: Reader) => unknown]>([
    ["ends", (controller) => controller.close()],
    ["fails", (controller) => controller.error(new Error("a bug"))],
    ["has no reader any more", (_, reader) => reader.cancel()],
  ])("ends once at its time, before or after its source %s", async (_title, end) => {
    for (const isTimeFirst of [true, false]) {
      const sources: ReadableStreamDefaultController[] = [];
      const given = new Response(source({ start: (each) => void sources.push(each) }), { headers });
      const reader = endingAt(given, Date.now() + 1_000).body?.getReader() as Reader;
      const count = await unhandledIn(async () => {
        const next = reader.read().catch(() => {});
        if (isTimeFirst) vi.advanceTimersByTime(1_000);
        try {
          await end(sources[0] as ReadableStreamDefaultController, reader);
        } catch {
          // A source that was cancelled can neither end nor fail.
        }
        await next;
        vi.advanceTimersByTime(1_000);
      });
      expect(count).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});
