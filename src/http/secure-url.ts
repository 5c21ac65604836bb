import { mistake } from "../caller-mistakes.ts";

const LOOPBACK = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL's host is this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3). */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/**
 * An absolute URL whose answers can be trusted: https, or http on this machine.
 *
 * @throws {TypeError} for anything else, in one sentence
 */
export function secureUrl(option: string, value: unknown): URL {
  const expected = "an https URL, or http on a loopback host, without userinfo";
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw mistake(option, expected, value);
  }
  const { protocol, username, password } = url;
  const isSecure = protocol === "https:" || (protocol === "http:" && isLoopback(url));
  if (!isSecure || username !== "" || password !== "") throw mistake(option, expected, url.href);
  return url;
}

/** Whether a value is exactly what browsers send as the origin of a page (RFC 6454 section 6.2). */
export function isOrigin(value: unknown): boolean {
  try {
    const text = String(value);
    // `URL` accepts a wildcard in a host, but no page has such an origin.
    return /^http[^*]+$/.test(text) && new URL(text).origin === value;
  } catch {
    return false;
  }
}
