import type { ResponseLike } from "./bounded-fetch.ts";

/** The seconds in `Retry-After`, which may be a date by the server's own clock (RFC 9110 section 10.2.3). */
export function readRetryAfter(headers: ResponseLike["headers"]): number | undefined {
  const value = headers.get("retry-after") ?? undefined;
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
