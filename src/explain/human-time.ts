const UNITS = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
] as const;

/** The last second that a `Date` can hold (ECMA-262 section 21.4.1.1). */
const LAST_SECOND = 8.64e12;

/** "2025-01-31 09:00:00 UTC", or `undefined` when it is outside the range of `Date`. */
export function calendar(seconds: number): string | undefined {
  if (!(Math.abs(seconds) <= LAST_SECOND)) return undefined;
  return new Date(seconds * 1000)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

/** "in 3 hours", "2 days ago", "now". */
export function distance(seconds: number, nowMs: number): string {
  const ahead = Math.round(seconds - nowMs / 1000);
  if (ahead === 0) return "now";
  return ahead > 0 ? `in ${duration(ahead)}` : `${duration(-ahead)} ago`;
}

/** "90 seconds", "3 hours": in the largest unit that gives at least two. */
export function duration(seconds: number): string {
  let [unit, size]: readonly [string, number] = UNITS[0];
  for (const [name, length] of UNITS) if (seconds >= 2 * length) [unit, size] = [name, length];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Date and distance of a time claim, or why it is not a date. */
export function describeTime(value: unknown, nowMs: number): string {
  if (typeof value !== "number") return "not a number of seconds";
  const date = calendar(value);
  if (date === undefined) return "outside the range of dates";
  // Milliseconds read as seconds are thousands of years away.
  const hint = value > 1e11 ? ", perhaps in milliseconds" : "";
  return `${date}, ${distance(value, nowMs)}${hint}`;
}
