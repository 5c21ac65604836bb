import { mistake } from "../caller-mistakes.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

const EXPECTED = 'a non-empty array of origins, such as "https://app.example.com"';

/**
 * Says whether a request comes from a page of none of these origins. Browsers let every page open a
 * WebSocket to every host, and send its cookies along (RFC 6455 section 10.2). A program that is not a
 * browser sends no `Origin`.
 *
 * @throws {TypeError} at once, for what a browser never sends as an origin
 */
export function originsOption(origins: unknown): (headers: AnyHeaders) => boolean {
  if (!Array.isArray(origins) || origins.length === 0) throw mistake("origins", EXPECTED, origins);
  const known = new Set<unknown>(origins);
  for (const origin of known) if (!isOrigin(origin)) throw mistake("origins", EXPECTED, origin);
  return (headers) => {
    const origin = readHeader(headers, "origin");
    return origin !== undefined && !known.has(origin);
  };
}

/** Whether a value is spelt as browsers spell the origin of a page (RFC 6454 section 6.2). */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string" || !/^https?:/.test(value)) return false;
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}
