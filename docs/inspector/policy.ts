import { secureUrl } from "../../src/http/secure-url.ts";

const PREFIX = "#keys=";

/** The part of the address that tells the frame what to get: never anything but where keys are. */
export function fragmentFor(url: URL): string {
  return `${PREFIX}${encodeURIComponent(url.href)}`;
}

/** What the frame is to get; `undefined` when the fragment names no place for keys. */
export function keysUrl(fragment: string): URL | undefined {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    return secureUrl("keys", decodeURIComponent(fragment.slice(PREFIX.length)));
  } catch {
    return undefined;
  }
}

/** Where a document may connect: nowhere, or to exactly this address. */
export function policyFor(url: URL | undefined): string {
  if (url === undefined) return "connect-src 'none'";
  // A source has no query, and these two end it (CSP Level 3 section 2.3.1).
  const path = url.pathname.replaceAll(";", "%3B").replaceAll(",", "%2C");
  return `connect-src ${url.origin}${path}`;
}
