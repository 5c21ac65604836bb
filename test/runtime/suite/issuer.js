import { privateJwks } from "./keys.js";

export const TEAM = "acme";
export const ISSUER = "https://acme.cloudflareaccess.com";
export const CERTS = `${ISSUER}/cdn-cgi/access/certs`;
export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f8784ed97e3a2b7e7f6c9c7f0a1a3f0c2b1d";
export const DAY = 86_400;

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const utf8 = new TextEncoder();

/** Seconds since the epoch. */
export const seconds = () => Math.floor(Date.now() / 1000);

export function userClaims(claims = {}) {
  return {
    aud: [AUDIENCE],
    email: "grace@example.com",
    exp: seconds() + 600,
    iat: seconds(),
    nbf: seconds(),
    iss: ISSUER,
    type: "app",
    identity_nonce: "6ei69kawdKzMIAPF",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    country: "US",
    ...claims,
  };
}

export function serviceClaims(claims = {}) {
  return {
    type: "app",
    aud: [AUDIENCE],
    exp: seconds() + 600,
    iat: seconds(),
    iss: ISSUER,
    common_name: "e367826f93b8d71185e03fe518aff3b4.access",
    sub: "",
    ...claims,
  };
}

/**
 * A token as an issuer makes it: `key` names the signing key, `header` adds or replaces members.
 */
export async function sign(claims, { key = "current", header = {} } = {}) {
  const input = signingInput({ alg: "RS256", kid: key, typ: "JWT", ...header }, claims);
  return `${input}.${await signature(input, key)}`;
}

/** The base64url RS256 signature of any text. */
export async function signature(text, key = "current") {
  const jwk = { ...privateJwks[key], alg: "RS256" };
  const cryptoKey = await crypto.subtle.importKey("jwk", jwk, RS256, false, ["sign"]);
  const bytes = await crypto.subtle.sign(RS256.name, cryptoKey, utf8.encode(text));
  return base64url(new Uint8Array(bytes));
}

/** A header and a payload, each an object or an exact text. */
export function signingInput(...parts) {
  return parts
    .map((part) => base64url(utf8.encode(typeof part === "string" ? part : JSON.stringify(part))))
    .join(".");
}

export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function decodeBase64Url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
    character.charCodeAt(0),
  );
}
