// A correct guard, written by hand over node:crypto, in steps. A flawed origin replaces one of
// them.
import { createPublicKey, verify } from "node:crypto";

/** The steps of a correct guard for one team and application. */
export function rightSteps({ issuer, team, audience }) {
  return {
    /** The token of a request, if there is one. */
    read(request) {
      return request.headers["cf-access-jwt-assertion"] ?? cookieOf(request, "CF_Authorization");
    },
    /** The key for a token, if it is one of the team's. */
    key: async ({ kid }) => issuer.jwks().keys.find((key) => key.kid === kid),
    /** Whether the key made the signature. */
    isSigned: async (input, signature, jwk, header) =>
      header.alg === "RS256" && jwk !== undefined && verifyRs256(input, signature, jwk),
    /** Whether the claims are those of this application. */
    isFor: (claims) =>
      claims.iss === team &&
      [claims.aud].flat().includes(audience) &&
      claims.exp > Date.now() / 1000 &&
      claims.type === "app",
    /** The verdict on a token. */
    async judge(token) {
      const { header, claims, input, signature } = take(token);
      const jwk = await this.key(header, claims);
      return (await this.isSigned(input, signature, jwk, header)) && this.isFor(claims);
    },
    /** The verdict on a request; any fault refuses. */
    async admits(request) {
      const token = this.read(request);
      if (token === undefined || token === "") return false;
      try {
        return await this.judge(token);
      } catch {
        return false;
      }
    },
  };
}

export function verifyRs256(input, signature, jwk) {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify("RSA-SHA256", Buffer.from(input), key, signature);
}

/** A token in its parts. */
export function take(token) {
  const [first, second, third, ...more] = token.split(".");
  if (third === undefined || more.length > 0) throw new TypeError("not three parts");
  const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
  const [header, claims] = [json(first), json(second)];
  const signature = Buffer.from(third, "base64url");
  if (signature.toString("base64url") !== third) throw new TypeError("another spelling");
  return { header, claims, input: `${first}.${second}`, signature };
}

export function cookieOf(request, name) {
  for (const pair of (request.headers.cookie ?? "").split(/; */)) {
    const at = pair.indexOf("=");
    if (pair.slice(0, at) === name) return pair.slice(at + 1);
  }
  return undefined;
}
