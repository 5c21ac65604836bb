import { onTestFinished, vi } from "vitest";
import { NOW } from "./issuer.ts";

/** More readings than any test needs while time stands still. */
const MOST_READINGS = 50_000;

/** A clock that a test moves. Timers follow it, cryptography does not. */
export interface StoryClock {
  /** Milliseconds since the epoch, as the machine reads them. */
  readonly now: () => number;
  /** Lets time pass: due timers fire in their order. */
  elapse(seconds: number): Promise<void>;
  /** Sets the clock forward or (below zero) back, while no time passes. */
  set(seconds: number): void;
  /** The clock shows the same time from now on, while time passes. */
  freeze(): void;
  /** Drops every timer: their requests have ended, so no waiting caller is called back. */
  forgetTimers(): void;
  /** How many timers are running. */
  readonly timers: number;
}

/** Starts the clock of one test; it ends with the test. */
export function startClock(): StoryClock {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW * 1000 });
  let ahead = 0;
  let frozen: number | undefined;
  let readings = 0;
  let leap = 0;
  onTestFinished(() => {
    vi.useRealTimers();
    if (leap > 0) throw new Error("the clock was read in a circle");
  });
  return {
    now() {
      // A loop that reads the clock while nothing happens would keep every timer from running, that of the test
      // included. An exception might be caught in the loop, but no wait is longer than this.
      if (++readings > MOST_READINGS) leap += 3_600_000;
      return (frozen ?? Date.now() + ahead) + leap;
    },
    async elapse(seconds) {
      await turns();
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      await turns();
      readings = 0;
    },
    set(seconds) {
      ahead += seconds * 1000;
    },
    freeze() {
      frozen = Date.now() + ahead;
    },
    forgetTimers() {
      const before = Date.now();
      vi.clearAllTimers();
      // Clearing resets the faked clock to its start.
      ahead += before - Date.now();
    },
    get timers() {
      return vi.getTimerCount();
    },
  };
}

// Taken before a test replaces them.
const { setTimeout: realTimeout, clearTimeout: clearRealTimeout } = globalThis;

/** Lets everything finish that needs no time, except cryptography. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * The result of a promise while no time passes.
 * @throws when it waits for time to pass
 */
export async function atOnce<T>(promise: Promise<T>): Promise<T> {
  let bound: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<never>((_, reject) => {
    bound = realTimeout(() => reject(new Error("it waits for time to pass")), 3000);
  });
  try {
    return await Promise.race([promise, waited]);
  } finally {
    clearRealTimeout(bound);
  }
}

/** Whether a promise is still open when everything that needs no time has finished. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  promise.then(close, close);
  await turns();
  return isOpen;
}

/**
 * Lets everything that needs no time go on until a condition holds, such as the end of an import.
 */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn === 20_000) throw new Error("the condition never held");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
