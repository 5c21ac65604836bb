import type { Verdict as AnyVerdict } from "./decision.ts";
import type { Entry } from "./settle-entry.ts";

export type Verdict = AnyVerdict<Entry>;

/**
 * Remembers accepted tokens, and nothing of any other: only who can sign can fill it. It is no more than
 * a place to look: `stillHolds` says whether a verdict is about a token and still good.
 *
 * Two generations of half the size come close to the least recently used, without moving an entry on
 * every hit. Together they hold `maxEntries` at most and, once there were so many, at least half of it.
 */
export class VerdictCache {
  readonly maxEntries: number;
  young: Map<number, Verdict> = new Map();
  old: Map<number, Verdict> = new Map();

  constructor(maxEntries: number) {
    this.maxEntries = maxEntries;
  }

  /** A verdict about a token that ends alike. */
  get(token: string): Verdict | undefined {
    const index = indexOf(token);
    const young = this.young.get(index);
    if (young !== undefined) return young;
    const old = this.old.get(index);
    if (old?.text === token) this.put(index, old);
    return old;
  }

  set(verdict: Verdict): void {
    this.put(indexOf(verdict.text), verdict);
  }

  put(index: number, verdict: Verdict): void {
    const { young, maxEntries } = this;
    // An entry is in one generation only, so that none counts twice.
    this.old.delete(index);
    const isFull = young.size * 2 >= maxEntries || young.size + this.old.size >= maxEntries;
    if (isFull && !young.has(index)) {
      this.old = maxEntries > 1 ? young : new Map();
      this.young = new Map();
    }
    this.young.set(index, verdict);
  }
}

/**
 * The last five characters as a number: thirty bits of a signature. Hashing a new string of 900
 * characters costs more than comparing it, and a string for an index more than a number (measured by
 * `npm --prefix bench start`).
 */
function indexOf(token: string): number {
  let index = 0;
  for (let at = token.length - 5; at < token.length; at++) {
    index = (index << 6) ^ token.charCodeAt(at);
  }
  return index;
}
