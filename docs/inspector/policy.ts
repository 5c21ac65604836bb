import { secureUrl } from "../../src/http/secure-url.ts";

const PREFIX = "#keys=";

/** The fragment that gives the frame the address of the keys, and no other data. */
export function fragmentFor(url: URL): string {
  return `${PREFIX}${encodeURIComponent(url.href)}`;
}

/** The address that the frame fetches; `undefined` when the fragment contains none. */
export function keysUrl(fragment: string): URL | undefined {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    return secureUrl("keys", decodeURIComponent(fragment.slice(PREFIX.length)));
  } catch {
    return undefined;
  }
}

/** A policy that allows no connection, or only connections to this address. */
export function policyFor(url: URL | undefined): string {
  if (url === undefined) return "connect-src 'none'";
  // A source in a policy has no query, and these two characters end it (CSP Level 3 section 2.3.1).
  const path = url.pathname.replaceAll(";", "%3B").replaceAll(",", "%2C");
  return `connect-src ${url.origin}${path}`;
}
