import { encodePart } from "../compact.ts";
import { type Attacks, partsOf } from "./forge.ts";

const ATTACKER = "https://attacker.example";

/** Tokens that try to choose the key (RFC 8725 section 3.10, RFC 7515 section 6). */
export const keyAttacks: Attacks = async function* (forge) {
  const { attacker, previous, key, header, forged, genuine, issuer } = forge;
  const { kid, publicJwk: jwk, certificate } = attacker;
  const x5c = [certificate.replace(/-----[^-]+-----|\n/g, "")];
  const { host } = new URL(issuer);
  const [, payload, signature] = partsOf(genuine);
  const why = (parameter: string, section: string): string =>
    `The attacker signed it, and ${parameter} names the attacker's own key (RFC 7515 section ${section}). A key that comes with the token proves nothing: keys must come from the configured issuer (RFC 8725 section 3.10).`;
  yield {
    name: "embedded-jwk",
    token: await forged({ kid, jwk }),
    why: why("jwk", "4.1.3"),
  };
  yield {
    name: "embedded-jwk-known-kid",
    token: await forged({ jwk: { ...jwk, kid: key.kid } }),
    why: `${why("jwk", "4.1.3")} The kid is that of a published key.`,
  };
  yield {
    name: "embedded-jwk-without-kid",
    token: await forged({ kid: undefined, jwk }),
    why: why("jwk", "4.1.3"),
  };
  yield {
    name: "jku-of-the-attacker",
    token: await forged({ kid, jku: `${ATTACKER}/cdn-cgi/access/certs` }),
    why: `${why("jku", "4.1.2")} If the server fetched it, the sender would also choose where the server sends a request.`,
  };
  yield {
    name: "jku-that-looks-like-the-issuer",
    token: await forged({ kid, jku: `https://${host}@attacker.example/cdn-cgi/access/certs` }),
    why: `${why("jku", "4.1.2")} The issuer's name is only the userinfo of the URL.`,
  };
  yield {
    name: "x5u-of-the-attacker",
    token: await forged({ kid, x5u: `${ATTACKER}/chain.pem` }),
    why: `${why("x5u", "4.1.5")} If the server fetched it, the sender would also choose where the server sends a request.`,
  };
  yield {
    name: "embedded-x5c",
    token: await forged({ kid, x5c }),
    why: why("x5c", "4.1.6"),
  };
  yield {
    name: "embedded-x5c-known-kid",
    token: await forged({ x5c }),
    why: `${why("x5c", "4.1.6")} The kid is that of a published key.`,
  };
  yield {
    name: "stolen-kid",
    token: await forged({}),
    why: "The attacker signed it, and the kid is that of a published key. A kid only helps to find the key and proves nothing (RFC 7515 section 4.1.4).",
  };
  yield {
    name: "stolen-kid-of-the-previous-key",
    token: await forged({ kid: previous.kid }),
    why: "The attacker signed it, and the kid is that of the previous key. That key does not verify it (RFC 7515 section 5.2).",
  };
  yield {
    name: "kid-of-the-other-key",
    token: `${encodePart({ ...header, kid: previous.kid })}.${payload}.${signature}`,
    why: "A genuine signature of the current key, with a header that names the previous key. The signature does not cover this header (RFC 7515 section 5.2).",
  };
  yield {
    name: "no-kid",
    token: await forged({ kid: undefined }),
    why: "The attacker signed it, and it has no kid. No published key verifies it (RFC 7515 section 5.2).",
  };
};
