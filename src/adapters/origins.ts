import { mistake } from "../caller-mistakes.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

const EXPECTED = 'a non-empty array of origins, such as "https://app.example.com"';

/**
 * Returns a function that is `true` for a request from a page of any other origin. Browsers let every page
 * open a WebSocket to every host, and send that host's cookies (RFC 6455 section 10.2). Other programs send
 * no `Origin`.
 *
 * @throws {TypeError} at once, when a value is not an origin as browsers send it
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

/** Whether a value is exactly what browsers send as the origin of a page (RFC 6454 section 6.2). */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string" || !/^https?:/.test(value)) return false;
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}
