/** The seconds in `Retry-After`, which may be a date by the server's own clock (RFC 9110 section 10.2.3). */
export function readRetryAfter(
  value: string | undefined,
  date: string | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(date ?? "")) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
