// Taken at load, so that no later script can answer in their place.
const { create, getOwnPropertyNames, getPrototypeOf } = Object;

/** The one sentence a caller's mistake gets: which option, what was expected, what type was given. */
export function mistake(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(sentence(option, expected, value));
}

/**
 * Copies an options object: its own members and those of its class, under known names only. A misspelt
 * condition must never mean "no condition".
 *
 * @param names every name that is known
 * @throws {TypeError} when it is not an object, or has another name; a known one that is near is suggested
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
 * @throws {TypeError} with a known name that is near, else with all of them
 */
export function refuseUnknown(options: object, names: readonly string[], option: string): void {
  for (const name of Object.keys(options)) {
    if (name === "constructor" || names.includes(name)) continue;
    const shown = JSON.stringify(name.slice(0, 64));
    const near = nearest(name, names);
    const known = near === undefined ? `only ${names.join(", ")}` : `did you mean "${near}"?`;
    throw new TypeError(`${option} must not have ${shown}, ${known}`);
  }
}

/** The name that was most likely meant, if one is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = [...names].sort((one, other) => distance(name, one) - distance(name, other));
  return best !== undefined && distance(name, best) < 1 ? best : undefined;
}

/**
 * Refuses text that an env file, a shell or a secret store has wrapped or joined.
 *
 * @param isWord whether white space and commas can be no part of it
 * @throws {TypeError} that says what to take away
 */
export function refuseWrapped(option: string, text: string, isWord: boolean): void {
  const inner = text.trim();
  let extra: string | undefined;
  if (isWord && /[\s,;]/.test(inner)) extra = "spaces, commas or semicolons in it";
  if (/,$/.test(inner)) extra = "a comma at its end";
  if (/^[[{].*[\]}]$/s.test(inner)) extra = "JSON around it; several values are an array";
  // Word processors and chats make curved quotes of straight ones.
  if (/^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/.test(inner)) extra = "quotes around it";
  if (text !== inner) extra = "white space around it";
  if (extra !== undefined) throw new TypeError(`${option} must be given without ${extra}`);
}

/** How many letters two names do not have in common, less for each with which both begin or end. */
function distance(one: string, other: string): number {
  const [from, to] = [one.toLowerCase().slice(0, 64), other.toLowerCase()];
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  for (let end = 1; end <= from.length && from.at(-end) === to.at(-end); end++) shared++;
  let missing = to;
  let added = 0;
  for (const letter of from) {
    const rest = missing.replace(letter, "");
    if (rest === missing) added++;
    missing = rest;
  }
  return added + missing.length - 2 * shared;
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

/**
 * The time that a clock tells: one that tells no time must let no request in.
 *
 * @throws {TypeError} when it is no finite number
 */
export function readClock(now: () => number): number {
  const time = now();
  if (!Number.isFinite(time)) throw mistake("now()", "a finite number", time);
  return time;
}

/**
 * A value, unless it is the promise of a function that must not be async. A rejection of that promise
 * is handled here, so that it does not end the process.
 */
export function unlessPromise<T>(value: T): T | undefined {
  if (!(value instanceof Promise)) return value;
  value.catch(() => {});
  return undefined;
}

/** Calls a function at once. Its exception or rejected promise is ignored, so it can change nothing. */
export function tell(call: () => unknown): void {
  (async () => call())().catch(() => {});
}

/** Says the type, never the value itself. */
function sentence(option: string, expected: string, value: unknown): string {
  let type: string = typeof value;
  if (unlessPromise(value) !== value) type = "a promise";
  if (value === null) type = "null";
  if (value === "") type = "an empty string";
  if (Number.isNaN(value)) type = "NaN";
  if (Array.isArray(value)) type = value.length > 0 ? "an array" : "an empty array";
  return `${option} must be ${expected}, got ${type}`;
}

/** Whether an object is of no class: a literal, of any realm. */
export function isPlain(object: object): boolean {
  const above = getPrototypeOf(object);
  return above === null || getPrototypeOf(above) === null;
}

/** A copy with the members of an object and its class, which inherits nothing: for options and answers. */
export function bare<T extends object>(object: T): T {
  const copy: { [name: string]: unknown } = create(null);
  let at: object = object;
  do {
    for (const name of getOwnPropertyNames(at))
      copy[name] = (object as { [name: string]: unknown })[name];
    at = getPrototypeOf(at);
  } while (at !== null && getPrototypeOf(at) !== null);
  return copy as T;
}
