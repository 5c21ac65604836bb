import { mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";

/**
 * A place that several instances share, for one text under one key. Both methods may wait, fail or
 * answer nonsense: whatever they do, no verification fails for it.
 */
export interface KeySetStore {
  /** The text under the key, or a promise of it; `null` or `undefined` when there is none. */
  get(key: string): unknown;
  /**
   * Keeps a text. A store that can compare and write in one step does so, and answers `false` when
   * another text than `previous` was there, which it then left alone.
   */
  set(key: string, text: string, write: StoreWrite): unknown;
}

/** What a store may want to know of a write. */
export interface StoreWrite {
  /** How long the text is worth keeping; a whole number, at least 60. */
  readonly ttlSeconds: number;
  /** The text that was read under the key just before; `undefined` when there was none. */
  readonly previous: string | undefined;
}

/**
 * Refuses a store that cannot be one, such as a binding that is missing from the environment.
 *
 * @throws {TypeError} in one sentence
 */
export function requireMethods(
  option: string,
  expected: string,
  value: unknown,
  methods: readonly string[],
): void {
  const members = value as Record<string, unknown> | null | undefined;
  // Own or inherited, or answered by a proxy, as a binding is in development; but not what all objects have.
  const isThere = (name: string): boolean =>
    typeof members?.[name] === "function" && members[name] !== own(Object.prototype, name);
  if (!methods.every(isThere)) throw mistake(option, expected, value);
}
