/** "an empty string", "null", "an array", "number": for a sentence, never the value itself. */
export function typeName(value: unknown): string {
  if (value === "") return "an empty string";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return Number.isNaN(value) ? "NaN" : typeof value;
}

/** The one sentence a caller's mistake gets: which option, what was expected, what type was given. */
export function mistake(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${option} must be ${expected}, got ${typeName(value)}`);
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
  fallback: number,
  [least, most]: readonly [least: number, most: number],
): number {
  if (value === undefined) return fallback;
  const expected = `a number from ${least} to ${most}`;
  if (typeof value !== "number") throw mistake(option, expected, value);
  if (value >= least && value <= most) return value;
  throw new RangeError(mistake(option, expected, value).message);
}

/**
 * A function option, or nothing.
 *
 * @throws {TypeError} when it is anything else
 */
export function functionOption<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== "function")
    throw mistake(option, "a function", value);
  return value;
}
