// Virtual time: timers fire in their order the moment the clock is moved past them, and a day takes
// as long as the work that is done in it.

const realImmediate = setImmediate;
const realTimeout = setTimeout;

let held = 0;

/** Work that takes real time, such as reading a file: virtual time stands still until it is done. */
export function hold(work) {
  held++;
  const done = () => {
    held--;
  };
  work.then(done, done);
  return work;
}

/** Lets every promise settle that waits for no timer. */
export async function drain() {
  do await new Promise((resolve) => realImmediate(resolve));
  while (held > 0);
}

export class VirtualClock {
  time = 0;
  /** How many timers were ever set: when it grows, something began to wait. */
  set = 0;
  #heap = [];
  now = () => this.time;

  /** When the next timer is due. */
  get next() {
    while (this.#heap.length > 0 && this.#heap[0].isCleared) this.#pop();
    return this.#heap.length > 0 ? this.#heap[0].at : Number.POSITIVE_INFINITY;
  }

  after(ms, callback) {
    const order = ++this.set;
    const timer = { at: this.time + Math.max(0, ms), order, callback, isCleared: false };
    this.#push(timer);
    return timer;
  }

  /** Moves on to the next timer, runs it, and lets what it caused settle. */
  async step() {
    const timer = this.next === Number.POSITIVE_INFINITY ? undefined : this.#pop();
    if (timer === undefined) throw new Error("nothing is waiting: it would wait for ever");
    this.time = timer.at;
    timer.callback();
    await drain();
  }

  /** Moves on until a promise has settled. */
  async settle(promise) {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await drain();
    for (let idle = 0; !isSettled; ) {
      if (this.next !== Number.POSITIVE_INFINITY) {
        await this.step();
        continue;
      }
      // A real signature is checked on a thread of its own, in real time.
      if (++idle > 5000) throw new Error("nothing is waiting: it would wait for ever");
      await new Promise((resolve) => realTimeout(resolve, 1));
    }
    return promise;
  }

  /** Runs all timers up to a time, and stops at it. */
  async moveTo(time) {
    while (this.next <= time) await this.step();
    this.time = time;
  }

  /** Puts itself in the place of every clock and timer that the libraries use. */
  install() {
    globalThis.setTimeout = (callback, ms = 0, ...values) =>
      this.after(ms, () => callback(...values));
    globalThis.clearTimeout = (timer) => {
      if (timer) timer.isCleared = true;
    };
    Date.now = this.now;
    performance.now = this.now;
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      this.after(ms, () => {
        controller.abort(new DOMException("The operation timed out", "TimeoutError"));
      });
      return controller.signal;
    };
  }

  #push(timer) {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent], timer)) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = timer;
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
        if (isBefore(last, heap[child])) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
    }
    return first;
  }
}

function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
