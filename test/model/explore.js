// Breadth first, so that the first wrong state has the shortest trace.
import {
  Beyond,
  comesRight,
  createWorld,
  encode,
  happen,
  possible,
  restore,
  Violation,
} from "./world.js";

/** States that were seen, by 64 bits of hash each: open addressing in typed arrays. */
class Seen {
  size = 0;
  constructor(bits = 16) {
    this.grow(bits);
  }
  grow(bits) {
    const { low, high } = this;
    this.mask = 2 ** bits - 1;
    this.bits = bits;
    this.low = new Int32Array(2 ** bits);
    this.high = new Int32Array(2 ** bits);
    if (low === undefined) return;
    for (let at = 0; at < low.length; at++) if (low[at] !== 0) this.put(low[at], high[at]);
  }
  put(low, high) {
    let at = low & this.mask;
    while (this.low[at] !== 0) {
      if (this.low[at] === low && this.high[at] === high) return false;
      at = (at + 1) & this.mask;
    }
    this.low[at] = low;
    this.high[at] = high;
    return true;
  }
  /** Whether a row is new. */
  add(row) {
    let low = 0x9e3779b9 | 0;
    let high = 0x85ebca6b | 0;
    for (let at = 0; at < row.length; at++) {
      let word = Math.imul(row[at], 0xcc9e2d51);
      word = (word << 15) | (word >>> 17);
      low = Math.imul(low ^ Math.imul(word, 0x1b873593), 5) + 0xe6546b64;
      low = (low << 13) | (low >>> 19);
      high = Math.imul(high ^ word, 0x01000193) ^ (high >>> 15);
      high = Math.imul(high, 0x2c1b3c6d) + low;
    }
    low ^= low >>> 16;
    low = Math.imul(low, 0x7feb352d);
    low ^= low >>> 15;
    high ^= high >>> 13;
    if (!this.put(low === 0 ? 1 : low, high)) return false;
    this.size++;
    if (this.size * 2 > this.mask) this.grow(this.bits + 1);
    return true;
  }
}

/** Rows one after the other, each behind its length. */
class Rows {
  words = new Int32Array(2 ** 16);
  end = 0;
  push(id, row) {
    while (this.end + row.length + 2 > this.words.length) {
      const words = new Int32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.end] = row.length;
    this.words[this.end + 1] = id;
    this.words.set(row, this.end + 2);
    this.end += row.length + 2;
  }
}

class Numbers {
  words = new Int32Array(2 ** 12);
  length = 0;
  push(value) {
    if (this.length === this.words.length) {
      const words = new Int32Array(this.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.length++] = value;
  }
}

/** The steps of a world's beginning; each may not go wrong. */
export function begin(config) {
  const world = createWorld(config);
  for (const action of config.prefix ?? []) happen(world, action);
  return world;
}

/**
 * Explores one world to its bound.
 *
 * @param every from how many states one is gone on from, to see whether it comes right
 * @returns the figures, and the wrong turn when there is one: what is wrong and the actions that lead there
 */
export function explore(config, { depth: most, every = 1 }) {
  const started = performance.now();
  const seen = new Seen();
  const proven = new Seen();
  const parents = new Numbers();
  const actions = new Numbers();
  let transitions = 0;
  let continued = 0;
  let beyond = 0;
  let depth = 0;
  const figures = (wrong) => ({
    states: seen.size,
    transitions,
    continued,
    beyond,
    depth,
    seconds: (performance.now() - started) / 1000,
    wrong,
  });
  const world = createWorld(config);
  const trace = (id, last) => {
    const all = last === undefined ? [] : [last];
    for (let at = id; at > 0; at = parents.words[at]) all.unshift(actions.words[at]);
    return [...(config.prefix ?? []), ...all];
  };
  let row;
  try {
    row = encode(begin(config));
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return figures({ what: error.message, actions: config.prefix });
  }
  let frontier = new Rows();
  seen.add(row);
  parents.push(-1);
  actions.push(-1);
  frontier.push(0, row);
  const choices = [];
  for (; depth < most && frontier.end > 0; depth++) {
    const next = new Rows();
    for (let at = 0; at < frontier.end; ) {
      const length = frontier.words[at];
      const id = frontier.words[at + 1];
      const state = frontier.words.subarray(at + 2, at + 2 + length);
      at += length + 2;
      possible(restore(world, state), choices);
      for (let one = 0; one < choices.length; one++) {
        const action = choices[one];
        try {
          if (one > 0) restore(world, state);
          happen(world, action);
        } catch (error) {
          if (error instanceof Beyond) {
            beyond++;
            continue;
          }
          const isFault = !(error instanceof Violation);
          const what = isFault ? `${error.name}: ${error.message}` : error.message;
          return figures({ what, actions: trace(id, action) });
        }
        transitions++;
        const reached = encode(world);
        if (!seen.add(reached)) continue;
        const child = parents.length;
        parents.push(id);
        actions.push(action);
        if (depth + 1 < most) next.push(child, reached);
        if (child % every === 0) {
          for (const crowd of [false, true]) {
            continued++;
            try {
              comesRight(restore(world, reached), { crowd, proven });
            } catch (error) {
              if (error instanceof Beyond) continue;
              return figures({ what: error.message, actions: trace(child), isLater: true });
            }
          }
        }
      }
    }
    frontier = next;
  }
  return figures(undefined);
}
