import {
  createRemoteKeySet,
  type FetchedKeySet,
  type RemoteKeySet,
  type RemoteKeySetOptions,
} from "../../src/index.ts";
import { NOW } from "./issuer.ts";
import { decideChance, URL_OF_KEYS, under } from "./key-set-story.ts";
import type { StoryClock } from "./story-clock.ts";

/** A fetch under way, which ends when the test says so. */
export interface OpenFetch {
  resolve(fetched: FetchedKeySet): void;
  reject(error: Error): void;
}

/** What the traces of the model are written with. */
export interface ModelStory {
  readonly keys: RemoteKeySet;
  /**
   * Looks up as a verifier does: with known, and otherwise with find. Times count from the start.
   */
  find(keys: RemoteKeySet, kid: string | undefined, issuedAtMs?: number): void;
  /** Aborts the nth lookup that had to wait. */
  abort(nth: number): void;
  /** The fetches so far. */
  fetches(keys: RemoteKeySet): OpenFetch[];
  /** How each lookup ended, in their order: `waiting`, the number of keys, or the error's code. */
  readonly outcomes: (number | string)[];
}

/**
 * Starts a test that the model has printed: paste it into a test file, and add the expectations.
 */
export function tellModelStory(clock: StoryClock, options: RemoteKeySetOptions): ModelStory {
  decideChance(0);
  const open: OpenFetch[] = [];
  const aborts: AbortController[] = [];
  const outcomes: (number | string)[] = [];
  const keys = createRemoteKeySet(URL_OF_KEYS, {
    now: clock.now,
    fetcher: () => new Promise((resolve, reject) => open.push({ resolve, reject })),
    ...options,
  });
  return {
    keys,
    outcomes,
    find(asked, kid, issuedAtMs) {
      const header = kid === undefined ? { alg: "RS256" } : under(kid);
      if (asked.known(header).length > 0) return;
      const controller = new AbortController();
      const issuedAt = issuedAtMs === undefined ? undefined : NOW * 1000 + issuedAtMs;
      const nth = outcomes.push("waiting") - 1;
      aborts.push(controller);
      asked.find(header, { signal: controller.signal, issuedAt }).then(
        (found) => {
          outcomes[nth] = found.length;
        },
        ({ code }) => {
          outcomes[nth] = code;
        },
      );
    },
    abort: (nth) => aborts[nth - 1]?.abort(),
    fetches: () => open,
  };
}
