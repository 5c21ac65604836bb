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

/** A signal that counts its listeners. */
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

describe("work with a time limit", () => {
  test("returns its result, and leaves neither timer nor listener behind", async () => {
    const { controller, listeners } = countedSignal();
    const { signal } = controller;
    expect(await within(1000, { ...context, signal }, async () => "done")).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });

  test("is aborted, and no longer waited for, at the time limit", async () => {
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

  test("ends with the caller's signal, and gives its reason", async () => {
    const { controller, listeners } = countedSignal();
    const { signal } = controller;
    const waiting = rejection(within(1000, { ...context, signal }, never));
    controller.abort("went away");
    expect(await waiting).toMatchObject({ code: "fetch_failed", cause: "went away" });
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });

  test("ends at once when the signal is already aborted", async () => {
    const signal = AbortSignal.abort("went away");
    const error = await rejection(within(1000, { ...context, signal }, never));
    expect(error).toMatchObject({ code: "fetch_failed", cause: "went away" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that fails late raises no unhandled rejection", async () => {
    const failLate = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      // An unhandled rejection would fail the run.
      throw new Error("late");
    };
    const waiting = rejection(within(1000, context, failLate));
    await vi.advanceTimersByTimeAsync(3000);
    expect(await waiting).toMatchObject({ code: "fetch_timeout" });
  });
});

describe("a pause", () => {
  test("ends when the awaited promise does", async () => {
    expect(await pause(1000, Promise.resolve("x"))).toBe("settled");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends at its time limit", async () => {
    const pausing = pause(1000, never());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await pausing).toBe("over");
  });

  test("may only wait for the time", async () => {
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
