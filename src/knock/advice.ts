import type { Family } from "./types.ts";

/** What to do about a knock that got in. */
export const ADVICE: { readonly [F in Family]: string } = {
  "no credentials":
    "Guard every request with the assertion that Access signs, before anything else is decided. Believe no other header that names the caller.",
  "forged token":
    "Verify the signature with the team's keys and RS256 alone, and let nothing in the token choose key, address or algorithm. An error while verifying refuses.",
  "place of the token":
    "Read the token from Cf-Access-Jwt-Assertion, else from the cookie CF_Authorization, and verify it alike wherever it was found.",
  "token of the gate":
    "Check the issuer, and that type is app, as well as signature, audience and expiry.",
  "genuine token, spoilt":
    "Verify the whole token each time. Remember a verdict only under the whole token, and only while it is valid.",
  "genuine token, wrong kind":
    "Check issuer, audience, type and expiry of every token: the signature alone says only which team it is of.",
  method:
    "Put the guard before the router, for every method, and give WebSocket handshakes the same guard.",
  "spelling of the path":
    "Guard every path, and list what is public; compare paths only after they were made plain, as the application sees them.",
  "header of a proxy":
    "Decide by the token alone. No header of the client's may name an address, a path or a host that is let in.",
};

/** What no knock can find. */
export const LIMITS: readonly string[] = [
  "An unchecked audience, expiry or type shows only with genuine tokens of the wrong kind. Only your own issuer makes those: `knock` in postern/testing tries them.",
  "Methods that change something (POST, PUT, PATCH, DELETE) are never sent.",
  "Paths that were not named, other ports, other host names and other programs on the same machine were not tried.",
  "Shut means that none of these got in. It does not prove that nothing does.",
];
