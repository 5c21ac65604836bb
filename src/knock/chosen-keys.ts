import type { ClaimOverrides } from "../testing/claims.ts";
import { encodePart, seal } from "../testing/compact.ts";
import type { Bytes } from "../testing/der.ts";
import type { HostileToken } from "../testing/hostile/forge.ts";
import { hmac, hmacAttacks } from "../testing/hostile/hmac.ts";
import type { SigningKey } from "../testing/signing-key.ts";
import type { Making, Victim } from "./victim.ts";

/** HMACs whose secret everyone has. */
export async function* secrets(
  { header, claims, forge }: Making,
  published: readonly SigningKey[],
): AsyncGenerator<HostileToken, void, void> {
  const hs = (changes: ClaimOverrides, secret: Bytes | string): Promise<string> =>
    seal({ ...header, alg: "HS256", ...changes }, claims, hmac("SHA-256", secret));
  // A zero byte is padded to the same key as nothing is (RFC 2104 section 2).
  const nothing = Uint8Array.of(0);
  const why = "An HMAC with an empty secret, which is what a missing key turns into.";
  yield { name: "hmac-empty-secret", token: await hs({}, nothing), why };
  yield { name: "hmac-empty-secret-unknown-kid", token: await hs({ kid: "0" }, nothing), why };
  yield {
    name: "hmac-kid-of-an-empty-file",
    token: await hs({ kid: "../../../../../../../../dev/null" }, nothing),
    why: `${why} Its kid is the path of an empty file.`,
  };
  for (const secret of ["secret", "undefined", "null"]) {
    yield {
      name: `hmac-${secret}`,
      token: await hs({}, secret),
      why: `An HMAC under the word "${secret}", which is no secret.`,
    };
  }
  for (const [index, key] of published.entries()) {
    const kid = { ...header, kid: key.kid };
    for await (const attack of hmacAttacks({ ...forge, key, header: kid })) {
      const isKnown = /^hmac-(?:empty-secret|kid|embedded-secret)$/.test(attack.name);
      if (isKnown) continue;
      // Of the other key only what programs really keep.
      if (index === 0) yield attack;
      else if (/^hmac-(?:jwk-json|spki-pem|certificate-pem)$/.test(attack.name)) {
        yield { ...attack, name: `${attack.name}-${index + 1}` };
      }
    }
    if (index > 0) continue;
    const spaced = JSON.stringify(key.publicJwk)
      .replaceAll('":"', '": "')
      .replaceAll('","', '", "');
    yield {
      name: "hmac-jwk-json-spaced",
      token: await hs({ kid: key.kid }, spaced),
      why: "An HMAC whose secret is public: the JWK as Python spells it.",
    };
  }
  yield {
    name: "hmac-embedded-secret",
    token: await hs({ jwk: { kty: "oct", k: encodePart("attacker") } }, "attacker"),
    why: "An HMAC that brings its own secret in the header.",
  };
}

/** Forgeries whose key the door could fetch, if it looked where the token says. */
export async function* fetchable(
  { issuer, listener }: Victim,
  { attacker, claims, forge }: Making,
): AsyncGenerator<HostileToken, void, void> {
  const { kid } = attacker;
  const set = JSON.stringify({ keys: [attacker.publicJwk] });
  yield {
    name: "jku-data-url",
    token: await forge.forged({ kid, jku: `data:application/json,${encodeURIComponent(set)}` }),
    why: "It brings its key in a URL in jku: keys come from the configured team alone (RFC 8725 section 3.10).",
  };
  if (listener === undefined) return;
  const { url } = listener;
  const { host } = new URL(url);
  const at = (path: string): string => `${url}${path}`;
  const headers: readonly (readonly [name: string, header: ClaimOverrides])[] = [
    ["jku-fetched", { kid, jku: at("/cdn-cgi/access/certs") }],
    ["jku-fetched-under-a-real-kid", { jku: at("/cdn-cgi/access/certs") }],
    ["jku-with-the-team-in-it", { kid, jku: at(`/cdn-cgi/access/certs?${issuer}`) }],
    ["jku-with-the-team-as-userinfo", { kid, jku: `${issuer}@${host}/cdn-cgi/access/certs` }],
    ["x5u-fetched", { kid, x5u: at("/certificate.pem") }],
    ["kid-fetched", { kid: at("/cdn-cgi/access/certs") }],
  ];
  for (const [name, header] of headers) {
    yield {
      name,
      token: await forge.forged(header),
      why: "It says where to fetch its key: keys come from the configured team alone (RFC 8725 section 3.10).",
    };
  }
  const issuers: readonly (readonly [name: string, iss: string])[] = [
    ["foreign-issuer", url],
    ["foreign-issuer-with-the-team-in-it", at(`/${issuer}`)],
    ["foreign-issuer-with-the-team-as-userinfo", `${issuer}@${host}`],
  ];
  for (const [name, iss] of issuers) {
    yield {
      name,
      token: await seal({ alg: "RS256", kid, typ: "JWT" }, { ...claims, iss }, attacker.sign),
      why: "Another issuer signed it, and its keys can be fetched where iss says: the team is configured, and never read from a token (RFC 8725 section 3.8).",
    };
  }
}
