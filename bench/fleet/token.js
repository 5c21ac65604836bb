import { webcrypto } from "node:crypto";

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** A token that Access might have issued a minute before, good for two days, and its public key. */
export async function makeToken(time) {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const { n, e } = await webcrypto.subtle.exportKey("jwk", publicKey);
  const kid = "b".repeat(64);
  const iat = time / 1000 - 60;
  const claims = {
    aud: ["app"],
    iss: "https://acme.cloudflareaccess.com",
    type: "app",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    email: "kim@acme.example",
    iat,
    nbf: iat,
    exp: iat + 2 * 86_400,
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: "RS256", kid })}.${part(claims)}`;
  const signature = await webcrypto.subtle.sign(RS256, privateKey, Buffer.from(input));
  const token = `${input}.${Buffer.from(signature).toString("base64url")}`;
  return { token, jwk: { kty: "RSA", alg: "RS256", use: "sig", kid, n, e } };
}
