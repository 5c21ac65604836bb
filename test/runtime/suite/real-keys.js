import { equal } from "./assert.js";
import { AUDIENCE, base64url, decodeBase64Url, sign, TEAM, userClaims } from "./issuer.js";
import { publicJwk } from "./keys.js";

/**
 * A number with leading zero octets, as some issuers spell it (RFC 7518 section 6.3.1.1 forbids
 * it).
 */
function padded(number, octets) {
  return base64url(Uint8Array.from([...new Array(octets).fill(0), ...decodeBase64Url(number)]));
}

const { n, e } = publicJwk("current");

/** Spellings of one key by issuers; engines do not agree on all of them. */
const SPELLINGS = {
  "a zero octet before n": { n: padded(n, 1) },
  "a zero octet before e": { e: padded(e, 1) },
  "several zero octets before both": { n: padded(n, 3), e: padded(e, 5) },
  "null for unset members": {
    use: null,
    key_ops: null,
    alg: null,
    x5c: null,
    d: null,
    oth: null,
  },
  "empty lists for unset members": { key_ops: [], x5c: [], oth: [] },
  "only the required members": { use: undefined, alg: undefined },
};

export const realKeys = Object.fromEntries(
  Object.entries(SPELLINGS).map(([name, members]) => [
    `accepts a key with ${name}`,
    async ({ createVerifier, importJwk, jwkThumbprint }) => {
      const jwk = publicJwk("current", members);
      const verifier = createVerifier({ team: TEAM, audience: AUDIENCE, keys: { keys: [jwk] } });
      const { principal } = await verifier.verify(await sign(userClaims()));
      equal(principal.email, "grace@example.com");
      equal((await importJwk(jwk)).type, "public");
      equal(await jwkThumbprint(jwk), await jwkThumbprint(publicJwk("current")));
    },
  ]),
);
