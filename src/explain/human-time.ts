const UNITS = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
] as const;

/** The last moment that a calendar date can name (ECMA-262 section 21.4.1.1). */
const LAST_SECOND = 8.64e12;

/** "2025-01-31 09:00:00 UTC", or `undefined` for what no calendar has. */
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

/** "90 seconds", "3 hours": the largest unit of which there are at least two. */
export function duration(seconds: number): string {
  let [unit, size]: readonly [string, number] = UNITS[0];
  for (const [name, length] of UNITS) if (seconds >= 2 * length) [unit, size] = [name, length];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Both, for a claim; what is no date is said to be none. */
export function describeTime(value: unknown, nowMs: number): string {
  if (typeof value !== "number") return "not a number of seconds";
  const date = calendar(value);
  if (date === undefined) return "beyond every calendar";
  // Milliseconds read as seconds are thousands of years away.
  const hint = value > 1e11 ? ", in milliseconds perhaps" : "";
  return `${date}, ${distance(value, nowMs)}${hint}`;
}
