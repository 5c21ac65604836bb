import { bare } from "./own.ts";

/** The one sentence a caller's mistake gets: which option, what was expected, what type was given. */
export function mistake(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(sentence(option, expected, value));
}

/**
 * Copies an options object: its own members and those of its class, under known names only. A misspelt
 * condition must never mean "no condition".
 *
 * @param names every name that is known
 * @throws {TypeError} when it is not an object, or has another name; the nearest known one is suggested
 */
export function readOptions<T extends object>(
  given: unknown,
  names: readonly (keyof T & string)[],
  option = "options",
): T {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw mistake(option, "an object", given);
  }
  const options = bare(given) as T;
  refuseUnknown(options, names, option);
  return options;
}

/**
 * Refuses an options object of another make that has a name of its own which is not known.
 *
 * @throws {TypeError} with the nearest known name
 */
export function refuseUnknown(options: object, names: readonly string[], option: string): void {
  for (const name of Object.keys(options)) {
    if (name === "constructor" || names.includes(name)) continue;
    throw new TypeError(
      `${option} must not have "${name}", did you mean "${nearest(name, names)}"?`,
    );
  }
}

/** The name that was most likely meant. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  return [...names].sort((one, other) => distance(name, one) - distance(name, other))[0];
}

/** How many edits lie between two names, less for each letter with which both begin. */
export function distance(one: string, other: string): number {
  const [from, to] = [one.toLowerCase().slice(0, 64), other.toLowerCase()];
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  let row = Array.from(to, (_, column) => column + 1);
  for (let line = 0; line < from.length; line++) {
    let diagonal = line;
    let left = line + 1;
    row = row.map((above, column) => {
      const replaced = diagonal + (from[line] === to[column] ? 0 : 1);
      diagonal = above;
      left = Math.min(left + 1, above + 1, replaced);
      return left;
    });
  }
  return (row.at(-1) ?? 0) - 2 * shared;
}

/**
 * A number option within its bounds.
 *
 * @throws {TypeError} when it is no number
 * @throws {RangeError} when it is out of bounds
 */
export function numberOption(
  option: string,
  value: unknown,
  [least, most]: readonly [least: number, most: number],
): number {
  const expected = `a number from ${least} to ${most}`;
  if (typeof value !== "number") throw mistake(option, expected, value);
  if (value >= least && value <= most) return value;
  throw new RangeError(sentence(option, expected, value));
}

/**
 * A switch, which is off where it is absent.
 *
 * @throws {TypeError} when it is anything else
 */
export function booleanOption(option: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") throw mistake(option, "a boolean", value);
  return value === true;
}

/**
 * Function options, each of which may be absent.
 *
 * @throws {TypeError} when one is anything else
 */
export function functionOptions(options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined && typeof value !== "function") {
      throw mistake(name, "a function", value);
    }
  }
}

/** Says the type, never the value itself. */
function sentence(option: string, expected: string, value: unknown): string {
  let type: string = typeof value;
  if (value === null) type = "null";
  if (value === "") type = "an empty string";
  if (Number.isNaN(value)) type = "NaN";
  if (Array.isArray(value)) type = value.length > 0 ? "an array" : "an empty array";
  return `${option} must be ${expected}, got ${type}`;
}
