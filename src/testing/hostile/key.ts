import { encodePart } from "../compact.ts";
import { type Attacks, partsOf } from "./forge.ts";

const ATTACKER = "https://attacker.example";

/** Who chooses the key: the guard's configuration alone (RFC 8725 section 3.10, RFC 7515 section 6). */
export const keyAttacks: Attacks = async function* (forge) {
  const { attacker, previous, key, header, forged, genuine, issuer } = forge;
  const { kid, publicJwk: jwk, certificate } = attacker;
  const x5c = [certificate.replace(/-----[^-]+-----|\n/g, "")];
  const { host } = new URL(issuer);
  const [, payload, signature] = partsOf(genuine);
  const why = (parameter: string, section: string): string =>
    `The attacker signed it and names their own key in ${parameter} (RFC 7515 section ${section}). A key that comes with the token proves nothing: keys come from the configured issuer (RFC 8725 section 3.10).`;
  yield {
    name: "embedded-jwk",
    token: await forged({ kid, jwk }),
    why: why("jwk", "4.1.3"),
  };
  yield {
    name: "embedded-jwk-known-kid",
    token: await forged({ jwk: { ...jwk, kid: key.kid } }),
    why: `${why("jwk", "4.1.3")} The kid is a published one.`,
  };
  yield {
    name: "embedded-jwk-without-kid",
    token: await forged({ kid: undefined, jwk }),
    why: why("jwk", "4.1.3"),
  };
  yield {
    name: "jku-of-the-attacker",
    token: await forged({ kid, jku: `${ATTACKER}/cdn-cgi/access/certs` }),
    why: `${why("jku", "4.1.2")} Fetching it would also let the sender aim the server's requests.`,
  };
  yield {
    name: "jku-that-looks-like-the-issuer",
    token: await forged({ kid, jku: `https://${host}@attacker.example/cdn-cgi/access/certs` }),
    why: `${why("jku", "4.1.2")} The issuer's name is only the userinfo of the URL.`,
  };
  yield {
    name: "x5u-of-the-attacker",
    token: await forged({ kid, x5u: `${ATTACKER}/chain.pem` }),
    why: `${why("x5u", "4.1.5")} Fetching it would also let the sender aim the server's requests.`,
  };
  yield {
    name: "embedded-x5c",
    token: await forged({ kid, x5c }),
    why: why("x5c", "4.1.6"),
  };
  yield {
    name: "embedded-x5c-known-kid",
    token: await forged({ x5c }),
    why: `${why("x5c", "4.1.6")} The kid is a published one.`,
  };
  yield {
    name: "stolen-kid",
    token: await forged({}),
    why: "The attacker signed it under the kid of a published key. A kid is a hint for finding the key and proves nothing (RFC 7515 section 4.1.4).",
  };
  yield {
    name: "stolen-kid-of-the-previous-key",
    token: await forged({ kid: previous.kid }),
    why: "The attacker signed it under the kid of the key before the last rotation: that key must verify it, and does not (RFC 7515 section 5.2).",
  };
  yield {
    name: "kid-of-the-other-key",
    token: `${encodePart({ ...header, kid: previous.kid })}.${payload}.${signature}`,
    why: "A genuine signature of the current key, put behind a header that names the previous key: it is a signature of something else (RFC 7515 section 5.2).",
  };
  yield {
    name: "no-kid",
    token: await forged({ kid: undefined }),
    why: "The attacker signed it and names no key. None of the published ones verifies it (RFC 7515 section 5.2).",
  };
};
