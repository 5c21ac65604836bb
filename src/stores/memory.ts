import type { KeySetStore } from "./store.ts";

/**
 * A store in memory, for several key sets of one program and for tests.
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from "postern";
 * import { memoryStore, withStore } from "postern/stores";
 *
 * const store = memoryStore();
 * const keys = createRemoteKeySet("https://issuer.example/jwks", { fetcher: withStore(store) });
 * ```
 */
export function memoryStore(): KeySetStore {
  const texts = new Map<string, string>();
  return {
    get: (key) => texts.get(key),
    set(key, text, { previous }) {
      if (texts.get(key) !== previous) return false;
      texts.set(key, text);
      return true;
    },
  };
}
