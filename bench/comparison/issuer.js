// Keys, and tokens as Access issues them.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { seconds } from "./clock.js";

export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const OTHER_AUDIENCE = AUDIENCE.replace("4714", "5825");

const KINDS = {
  RS256: ["rsa", { modulusLength: 2048 }, "sha256"],
  "RS256, 1024 bits": ["rsa", { modulusLength: 1024 }, "sha256"],
  ES256: ["ec", { namedCurve: "P-256" }, "sha256"],
  EdDSA: ["ed25519", {}, null],
};

export function makeKey(kind = "RS256") {
  const [type, options, digest] = KINDS[kind];
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  const alg = kind.split(",")[0];
  const material = publicKey.export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify(material)).digest("hex");
  const jwk = { ...material, kid, alg, use: "sig" };
  const signer = { key: privateKey, dsaEncoding: "ieee-p1363" };
  return { jwk, alg, kid, sign: (input) => sign(digest, Buffer.from(input), signer) };
}

export function makeToken(key, issuer, changes = {}) {
  const iat = seconds();
  const claims = {
    aud: [AUDIENCE],
    email: "kim@acme.example",
    exp: iat + 4 * 86_400,
    iat,
    nbf: iat,
    iss: issuer,
    type: "app",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    custom: { roles: ["reader"] },
    ...changes,
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: key.alg, kid: key.kid })}.${part(claims)}`;
  return `${input}.${key.sign(input).toString("base64url")}`;
}
