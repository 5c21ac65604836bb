import { mistake } from "../caller-mistakes.ts";
import { own } from "../own.ts";

/**
 * A place that several instances share, with one text for each key. If a method is slow, fails or returns
 * a wrong value, no verification fails because of it.
 */
export interface KeySetStore {
  /** Returns the text of the key, or a promise of it; `null` or `undefined` when there is none. */
  get(key: string): unknown;
  /**
   * Stores a text. If the store can compare and write in one step, it writes only over `previous`, and
   * returns `false` when there is another text.
   */
  set(key: string, text: string, write: StoreWrite): unknown;
}

/** Details of a write. */
export interface StoreWrite {
  /** How long to keep the text: a whole number of seconds, at least 60. */
  readonly ttlSeconds: number;
  /** The text of the key that was read just before; `undefined` when there was none. */
  readonly previous: string | undefined;
}

/**
 * Checks that a store has its methods, for example that a binding is not missing from the environment.
 *
 * @throws {TypeError} when a method is missing; the message is one sentence
 */
export function requireMethods(
  option: string,
  expected: string,
  value: unknown,
  methods: readonly string[],
): void {
  const members = value as Record<string, unknown> | null | undefined;
  // Own, inherited and proxied methods count, but not those that every object has.
  const isThere = (name: string): boolean =>
    typeof members?.[name] === "function" && members[name] !== own(Object.prototype, name);
  if (!methods.every(isThere)) throw mistake(option, expected, value);
}
