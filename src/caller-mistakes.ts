/** The one sentence a caller's mistake gets: which option, what was expected, what type was given. */
export function mistake(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(sentence(option, expected, value));
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
