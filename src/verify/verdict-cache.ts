import type { VerificationKey } from "../keys/key-set.ts";
import type { Validity } from "../token/claims.ts";
import { endOf } from "../token/compact.ts";
import type { Entry } from "./settle.ts";
import type { Verified } from "./verified.ts";

/** An accepted token, with all that has to be asked again before it is accepted again. */
export interface Verdict {
  readonly text: string;
  readonly verified: Verified;
  readonly entry: Entry;
  readonly signer: VerificationKey;
  readonly validity: Validity;
}

/**
 * Remembers accepted tokens, and nothing of any other: nobody who cannot sign can fill it.
 *
 * Two generations of half the size come close to the least recently used, without moving an entry on
 * every hit.
 */
export class VerdictCache {
  readonly generationSize: number;
  young: Map<string, Verdict> = new Map();
  old: Map<string, Verdict> = new Map();

  constructor(maxEntries: number) {
    this.generationSize = Math.ceil(maxEntries / 2);
  }

  /** The verdict about this very token, character by character. */
  get(token: string): Verdict | undefined {
    const index = endOf(token);
    const verdict = this.young.get(index);
    if (verdict !== undefined) return verdict.text === token ? verdict : undefined;
    const older = this.old.get(index);
    if (older?.text !== token) return undefined;
    this.set(older);
    return older;
  }

  set(verdict: Verdict): void {
    this.young.set(endOf(verdict.text), verdict);
    if (this.young.size < this.generationSize) return;
    this.old = this.young;
    this.young = new Map();
  }
}
