// A team, its keys and its tokens at one fixed instant.
import { keyFrom } from "./keys.js";

/**
 * Seconds since the epoch. Beside programs that read the machine's clock, it is that clock's time.
 */
export const NOW = Number(process.env.FUZZ_NOW ?? 1_800_000_000);
export const TEAM = process.env.FUZZ_TEAM ?? "https://acme.cloudflareaccess.com";
export const CERTS = `${TEAM}/cdn-cgi/access/certs`;
export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const ELSEWHERE = "b1946ac92492d2347c6235b4d2611184aa44ba3ecb9ecbd4ebe3e4f1d2a9c0de";

export const now = () => NOW * 1000;

export const current = keyFrom("current");
export const previous = keyFrom("previous");
/** A key that the team never published. */
export const attacker = keyFrom("attacker");

/** What the certs endpoint answers. */
export const jwks = { keys: [previous.jwk, current.jwk] };

export const header = { alg: "RS256", kid: current.kid, typ: "JWT" };

// Issued before the keys can have been fetched, so an unknown kid is known to be absent.
const [iat, exp] = [NOW - 1800, NOW + 3600];

export const user = {
  aud: [AUDIENCE],
  email: "kim@acme.example",
  exp,
  iat,
  nbf: iat,
  iss: TEAM,
  type: "app",
  identity_nonce: "6ei69kawdKzMIAPF",
  sub: "7335d417-61da-459d-899c-0a01c76a2f94",
  country: "PT",
};

export const service = {
  type: "app",
  aud: [AUDIENCE],
  exp,
  iat,
  iss: TEAM,
  common_name: "f4c3b2a1.access",
  sub: "",
};

/** A token over exactly these bytes or this text. */
export function seal(headerText, payloadText, key = current) {
  return signed(`${encode(headerText)}.${encode(payloadText)}`, key);
}

/** The same for parts that are already spelt, in any way. */
export function signed(input, key = current) {
  return `${input}.${key.sign(input)}`;
}

export function encode(text) {
  return Buffer.from(text).toString("base64url");
}

const text = JSON.stringify;

/** Accepted tokens of every kind. */
export const genuine = [
  seal(text(header), text(user)),
  seal(text(header), text(service)),
  seal(text({ ...header, kid: previous.kid }), text(user), previous),
  seal(text({ alg: "RS256" }), text(user)),
  seal(text(header), text({ ...user, custom: { name: "Zoë 🚪", groups: ["a", "b"] } })),
  seal(text(header), text({ ...user, custom: "x".repeat(4000) })),
];
