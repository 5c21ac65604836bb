// Three clocks: wall time, the time that the main thread was busy, and the processor time of the
// whole process. Main-thread time is what the event loop cannot spend on other requests. All are in
// microseconds.

import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { median } from "../statistics.js";

// The main thread's id is the process id.
const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`;
const NAP = new Int32Array(new SharedArrayBuffer(4));

/**
 * The kernel adds up a thread's time when the thread stops running, or at a tick, which is too
 * rare.
 */
function nap() {
  Atomics.wait(NAP, 0, 0, 0.01);
}

const SOURCES = [
  {
    name: "Linux schedstat of the main thread",
    isHere: () => existsSync(SCHEDSTAT),
    read() {
      nap();
      return Number(readFileSync(SCHEDSTAT, "latin1").split(" ")[0]) / 1000;
    },
  },
  {
    name: "process.threadCpuUsage()",
    isHere: () => typeof process.threadCpuUsage === "function",
    read() {
      nap();
      const { user, system } = process.threadCpuUsage();
      return user + system;
    },
  },
  {
    name: "performance.eventLoopUtilization()",
    isHere: () => typeof globalThis.performance.eventLoopUtilization === "function" && isNode(),
    read: () => performance.eventLoopUtilization().active * 1000,
  },
  {
    name: "process.cpuUsage(), which counts all threads",
    isHere: () => true,
    read: wholeProcess,
  },
];

/** Other runtimes have the function for compatibility, and answer zeros. */
function isNode() {
  return globalThis.Deno === undefined && globalThis.Bun === undefined;
}

function wholeProcess() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** @returns the clock of this runtime, without the time that a reading takes */
export function createClock() {
  const source = SOURCES.find(({ isHere }) => isHere());
  const zero = { wall: 0, held: 0, all: 0 };
  let cost = zero;

  function begin() {
    const [all, held] = [wholeProcess(), source.read()];
    return { held, all, wall: performance.now() * 1000 };
  }

  /** The time since the readings of `begin`. */
  function since(start) {
    const wall = performance.now() * 1000 - start.wall;
    const held = source.read() - start.held;
    return {
      wall,
      held: Math.max(0, held - cost.held),
      all: Math.max(0, wholeProcess() - start.all - cost.all),
    };
  }

  const empty = Array.from({ length: 100 }, () => since(begin()));
  cost = Object.fromEntries(
    Object.keys(zero).map((name) => [name, median(empty.map((each) => each[name]))]),
  );
  return { source: source.name, begin, since };
}

export function sum(one, other) {
  return {
    wall: one.wall + other.wall,
    held: one.held + other.held,
    all: one.all + other.all,
  };
}
