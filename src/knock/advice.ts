import type { Family } from "./types.ts";

/** The fix for each kind of knock that got in. */
export const ADVICE: { readonly [F in Family]: string } = {
  "no credentials":
    "Check the token that Access signs on every request, before any other decision. Trust no other header that names the caller.",
  "forged token":
    "Verify the signature with the team's keys and with RS256 only. Nothing in the token may choose the key, the address or the algorithm. Refuse the request when verifying throws.",
  "place of the token":
    "Read the token from Cf-Access-Jwt-Assertion, else from the cookie CF_Authorization. Verify it the same way in both cases.",
  "token of the gate":
    "Check the signature, the audience and the expiry, and also the issuer and that type is app.",
  "genuine token, spoilt":
    "Verify the whole token each time. If you cache a result, use the whole token as the cache key, and only until the token expires.",
  "genuine token, wrong kind":
    "Check the issuer, audience, type and expiry of every token: the signature proves only which team signed it.",
  method: "Run the guard before the router, for every method and for WebSocket handshakes.",
  "spelling of the path":
    "Guard every path and list the public ones. Normalize a path as the application does before you compare it.",
  "header of a proxy":
    "Decide by the token alone. Do not let a client's header name an address, a path or a host that is let in.",
};

/** The faults that no knock can find. */
export const LIMITS: readonly string[] = [
  "An unchecked audience, expiry or type shows only with genuine tokens of the wrong kind. Only a test issuer can make those: `knock` in postern/testing tries them.",
  "Methods that change something (POST, PUT, PATCH, DELETE) are never sent.",
  "Other paths, ports, host names and programs on the same machine were not tried.",
  "Shut means that none of these requests got in. It does not prove that no request can.",
];
