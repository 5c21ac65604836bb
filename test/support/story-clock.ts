import { onTestFinished, vi } from "vitest";
import { NOW } from "./issuer.ts";

/** More readings than any story needs while time stands still. */
const MOST_READINGS = 50_000;

/** A clock of which every story decides how it goes; timers obey it, cryptography does not. */
export interface StoryClock {
  /** Milliseconds since the epoch, as the machine believes. */
  readonly now: () => number;
  /** Lets time pass: the timers that fall due go off in their order. */
  elapse(seconds: number): Promise<void>;
  /** Somebody sets the clock, forward or (below zero) back, and no time passes. */
  set(seconds: number): void;
  /** The clock tells the same time from now on, while time passes. */
  freeze(): void;
  /** Whoever waits now never hears of it: their request ended, and its timers with it. */
  forgetTimers(): void;
  /** How many timers are running. */
  readonly timers: number;
}

/** Starts the clock of one test; it ends with the test. */
export function startClock(): StoryClock {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW * 1000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let ahead = 0;
  let frozen: number | undefined;
  let readings = 0;
  return {
    now() {
      // Whoever reads on and on while nothing happens would do so for ever.
      if (++readings > MOST_READINGS) throw new Error("the clock is read in a circle");
      return frozen ?? Date.now() + ahead;
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
      // Clearing takes the faked clock back to its start.
      ahead += before - Date.now();
    },
    get timers() {
      return vi.getTimerCount();
    },
  };
}

// Taken before a story takes them over.
const { setTimeout: realTimeout, clearTimeout: clearRealTimeout } = globalThis;

/** Lets all that needs no time come to its end, cryptography excepted. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * What a promise comes to while no time passes.
 *
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

/** Whether a promise is still open when all that needs no time has come to its end. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  promise.then(close, close);
  await turns();
  return isOpen;
}

/** Lets what needs no time go on until something is so, such as an import's end. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn === 20_000) throw new Error("it never came to be so");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
