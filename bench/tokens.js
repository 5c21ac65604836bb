// Tokens of the shape and size of Cloudflare Access's own: 910 characters, RSA-2048.

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const TOKEN_LENGTH = 910;
const SIGNATURE_LENGTH = 342;

export const TEAM = "acme";
export const ISSUER = `https://${TEAM}.cloudflareaccess.com`;
export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

const utf8 = new TextEncoder();

export function base64Url(bytes) {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The claims of a token, as an object. */
export function payloadOf(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}

/** A signer with a key made for this run. */
export async function createIssuer() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  const kid = hex(crypto.getRandomValues(new Uint8Array(32)));
  const spki = base64(new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)));
  return {
    jwk: { kid, kty: "RSA", alg: "RS256", use: "sig", e, n },
    pem: `-----BEGIN PUBLIC KEY-----\n${spki.replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`,
    header: encoded({ alg: "RS256", kid, typ: "JWT" }),
    /** Both parts as base64url. */
    async sign(header, payload) {
      const input = `${header}.${payload}`;
      const signature = await crypto.subtle.sign(RS256.name, privateKey, utf8.encode(input));
      return `${input}.${base64Url(new Uint8Array(signature))}`;
    },
  };
}

/** The payload of one user, base64url, filled up so that the token has 910 characters. */
export function userPayload(user, header, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    aud: [AUDIENCE],
    email: `user-${user}@example.com`,
    exp: now + 86_400,
    iat: now - 60,
    nbf: now - 60,
    iss: ISSUER,
    type: "app",
    identity_nonce: "",
    sub: `7335d417-61da-459d-899c-${user.toString(16).padStart(12, "0")}`,
    country: "DE",
    ...claims,
  };
  const room = TOKEN_LENGTH - SIGNATURE_LENGTH - header.length - 2;
  const missing = Math.floor((room * 3) / 4) - JSON.stringify(payload).length;
  payload.identity_nonce = "6ei69kawdKzMIAPF".repeat(4).slice(0, Math.max(0, missing));
  return encoded(payload);
}

/** `count` tokens of as many users. */
export async function signTokens(issuer, count, claims) {
  const tokens = [];
  // In portions: half a million promises at once would measure the memory, not the signing.
  for (let from = 0; from < count; from += 512) {
    const users = Array.from({ length: Math.min(512, count - from) }, (_, index) => from + index);
    const portion = users.map((user) =>
      issuer.sign(issuer.header, userPayload(user, issuer.header, claims?.(user))),
    );
    tokens.push(...(await Promise.all(portion)));
  }
  return tokens;
}

/** Each payload under its neighbour's signature: well-formed in every part, and forged. */
export function forge(tokens) {
  return tokens.map((token, index) => {
    const neighbour = tokens[(index + 1) % tokens.length];
    return token.slice(0, token.lastIndexOf(".")) + neighbour.slice(neighbour.lastIndexOf("."));
  });
}

function encoded(value) {
  return base64Url(utf8.encode(JSON.stringify(value)));
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
