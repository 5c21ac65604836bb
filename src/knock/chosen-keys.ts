import type { ClaimOverrides } from "../testing/claims.ts";
import { encodePart, seal } from "../testing/compact.ts";
import type { Bytes } from "../testing/der.ts";
import type { HostileToken } from "../testing/hostile/forge.ts";
import { hmac, hmacAttacks } from "../testing/hostile/hmac.ts";
import type { SigningKey } from "../testing/signing-key.ts";
import type { Making, Victim } from "./victim.ts";

/** HMACs with a secret that anyone can guess or look up. */
export async function* secrets(
  { header, claims, forge }: Making,
  published: readonly SigningKey[],
): AsyncGenerator<HostileToken, void, void> {
  const hs = (changes: ClaimOverrides, secret: Bytes | string): Promise<string> =>
    seal({ ...header, alg: "HS256", ...changes }, claims, hmac("SHA-256", secret));
  // HMAC pads with zeros, so one zero byte is the same key as an empty secret (RFC 2104 section 2).
  const nothing = Uint8Array.of(0);
  const why = "An HMAC with an empty secret: a missing key often becomes one.";
  yield { name: "hmac-empty-secret", token: await hs({}, nothing), why };
  yield { name: "hmac-empty-secret-unknown-kid", token: await hs({ kid: "0" }, nothing), why };
  yield {
    name: "hmac-kid-of-an-empty-file",
    token: await hs({ kid: "../../../../../../../../dev/null" }, nothing),
    why: `${why} Its kid is the path of an empty file.`,
  };
  yield {
    name: "hmac-kid-of-an-empty-file-from-the-root",
    token: await hs({ kid: "/dev/null" }, nothing),
    why: `${why} Its kid is the path of an empty file.`,
  };
  for (const secret of ["secret", "undefined", "changeme", "your-256-bit-secret"]) {
    yield {
      name: `hmac-${secret}`,
      token: await hs({}, secret),
      why: `An HMAC with the secret "${secret}", which anyone can guess.`,
    };
  }
  yield {
    name: "hmac-undefined-unknown-kid",
    token: await hs({ kid: "0" }, "undefined"),
    why: 'An HMAC with the secret "undefined": a missing key often becomes that word.',
  };
  const [tag] = [claims["aud"]].flat();
  yield {
    name: "hmac-audience",
    token: await hs({}, String(tag)),
    why: "An HMAC whose secret is the AUD tag, which every visitor can read.",
  };
  for (const [index, key] of published.entries()) {
    const kid = { ...header, kid: key.kid };
    for await (const attack of hmacAttacks({ ...forge, key, header: kid })) {
      const isKnown = /^hmac-(?:empty-secret|kid|embedded-secret|modulus-signed)$/.test(
        attack.name,
      );
      if (isKnown) continue;
      // Of the other key, only the forms that programs really store.
      if (index === 0) yield attack;
      else if (/^hmac-(?:jwk-json|spki-pem|certificate-pem)$/.test(attack.name)) {
        yield { ...attack, name: `${attack.name}-${index + 1}` };
      }
    }
    if (index > 0) continue;
    const { n, e, kty } = key.publicJwk;
    const sorted = Object.fromEntries(
      Object.entries(key.publicJwk).sort(([one], [other]) => (one < other ? -1 : 1)),
    );
    const der = pemBytes(key.certificate);
    const others: readonly (readonly [name: string, secret: Bytes | string, what: string])[] = [
      ["jwk-sorted", JSON.stringify(sorted), "the JWK with its members in order"],
      ["jwk-key-alone", JSON.stringify({ kty, n, e }), "the members kty, n and e of the JWK"],
      ["certificate-pem-no-newline", key.certificate.trim(), "the certificate, no last newline"],
      ...(der === undefined ? [] : [["certificate-der", der, "the certificate in DER"] as const]),
    ];
    for (const [name, secret, what] of others) {
      yield {
        name: `hmac-${name}`,
        token: await hs({ kid: key.kid }, secret),
        why: `An HMAC whose secret is public: ${what}.`,
      };
    }
    const spaced = JSON.stringify(key.publicJwk)
      .replaceAll('":"', '": "')
      .replaceAll('","', '", "');
    yield {
      name: "hmac-jwk-json-spaced",
      token: await hs({ kid: key.kid }, spaced),
      why: "An HMAC whose secret is public: the JWK as Python's json module writes it.",
    };
  }
  yield {
    name: "hmac-embedded-secret",
    token: await hs({ jwk: { kty: "oct", k: encodePart("attacker") } }, "attacker"),
    why: "An HMAC with its secret in its own header.",
  };
}

/** The bytes of a PEM block; `undefined` if it is none. */
function pemBytes(text: string): Bytes | undefined {
  try {
    const letters = atob(text.replace(/-----[^-]+-----|\s/g, ""));
    return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Forgeries whose key the application could fetch, if it believed the address in the token. */
export async function* fetchable(
  { issuer, listener }: Victim,
  { attacker, claims, forge }: Making,
): AsyncGenerator<HostileToken, void, void> {
  const { kid } = attacker;
  const set = JSON.stringify({ keys: [attacker.publicJwk] });
  yield {
    name: "jku-data-url",
    token: await forge.forged({ kid, jku: `data:application/json,${encodeURIComponent(set)}` }),
    why: "Its jku is a URL that contains the key: keys may come only from the configured team (RFC 8725 section 3.10).",
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
    ["x5u-fetched", { kid, x5u: at(`/certificate.pem?${issuer}/.pem`) }],
    ["kid-fetched", { kid: at("/cdn-cgi/access/certs") }],
  ];
  for (const [name, header] of headers) {
    yield {
      name,
      token: await forge.forged(header),
      why: "It says where to fetch its key: keys may come only from the configured team (RFC 8725 section 3.10).",
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
      why: "Another issuer signed it and publishes its keys at the address in iss: the team must be configured, never read from a token (RFC 8725 section 3.8).",
    };
  }
}
