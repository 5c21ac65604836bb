import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KeySetError } from "../../src/errors.ts";
import { within } from "../../src/http/bounded-fetch.ts";
import { pause } from "../../src/http/pause.ts";
import { rejection } from "../support/issuer.ts";

const context = { url: "https://keys.example/jwks", Family: KeySetError, signal: undefined };
const never = (): Promise<never> => new Promise(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A signal that counts who listens to it. */
function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove.apply(signal, args);
  };
  return { controller, listeners: () => count };
}

describe("work within a time", () => {
  test("brings its result, and leaves neither timer nor listener behind", async () => {
    const { controller, listeners } = countedSignal();
    const { signal } = controller;
    expect(await within(1000, { ...context, signal }, async () => "done")).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });

  test("is told, and no longer waited for, when the time is over", async () => {
    let told: AbortSignal | undefined;
    const waiting = rejection(
      within(1000, context, (signal) => {
        told = signal;
        return never();
      }),
    );
    await vi.advanceTimersByTimeAsync(999);
    expect(told?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toMatchObject({ code: "fetch_timeout", url: context.url });
    expect(told?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends with the caller's signal, and says why", async () => {
    const { controller, listeners } = countedSignal();
    const { signal } = controller;
    const waiting = rejection(within(1000, { ...context, signal }, never));
    controller.abort("went away");
    expect(await waiting).toMatchObject({ code: "fetch_failed", cause: "went away" });
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });

  test("ends at once under a signal that was aborted before", async () => {
    const signal = AbortSignal.abort("went away");
    const error = await rejection(within(1000, { ...context, signal }, never));
    expect(error).toMatchObject({ code: "fetch_failed", cause: "went away" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that fails late troubles nobody", async () => {
    const failLate = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      // As an unhandled rejection it would fail the run.
      throw new Error("late");
    };
    const waiting = rejection(within(1000, context, failLate));
    await vi.advanceTimersByTimeAsync(3000);
    expect(await waiting).toMatchObject({ code: "fetch_timeout" });
  });
});

describe("a pause", () => {
  test("ends when what is awaited does", async () => {
    expect(await pause(1000, Promise.resolve("x"))).toBe("settled");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends when the time is over", async () => {
    const pausing = pause(1000, never());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await pausing).toBe("over");
  });

  test("may be for nothing but the time", async () => {
    const pausing = pause(1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await pausing).toBe("over");
  });

  test("ends with the signal, aborted before or later", async () => {
    const { controller, listeners } = countedSignal();
    const pausing = pause(1000, never(), controller.signal);
    controller.abort();
    expect(await pausing).toBe("aborted");
    expect(await pause(1000, undefined, AbortSignal.abort())).toBe("aborted");
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });
});
