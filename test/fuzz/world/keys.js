// RSA keys that are the same in every run, so that a replay has the same signatures. They protect
// nothing: this file is public.
import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

const E = 65537n;

/** A signing key of 2048 bits, made from its name. */
export function keyFrom(name) {
  const p = primeFrom(`${name}: p`);
  const q = primeFrom(`${name}: q`);
  const d = inverse(E, (p - 1n) * (q - 1n));
  const numbers = {
    n: p * q,
    e: E,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: inverse(q, p),
  };
  const members = Object.entries(numbers).map(([member, number]) => [member, toText(number)]);
  const privateJwk = { kty: "RSA", ...Object.fromEntries(members) };
  const privateKey = createPrivateKey({ key: privateJwk, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  // Named as a test issuer names its keys: by their thumbprint.
  const der = publicKey.export({ type: "spki", format: "der" });
  const kid = createHash("sha256").update(der).digest("hex");
  return {
    kid,
    jwk: { kid, kty: "RSA", alg: "RS256", use: "sig", e: privateJwk.e, n: privateJwk.n },
    privateJwk,
    publicKey,
    /** RS256 (RFC 7518 section 3.3), base64url. */
    sign: (text) => sign("sha256", Buffer.from(text), privateKey).toString("base64url"),
  };
}

/** The first prime of 1024 bits, counted from a number that the name determines. */
function primeFrom(name) {
  const blocks = [0, 1, 2, 3].map((block) => createHash("sha256").update(`${name} ${block}`));
  const bytes = Buffer.concat(blocks.map((hash) => hash.digest()));
  // Both high bits: the product of two such numbers has 2048 bits.
  bytes[0] |= 0xc0;
  bytes[bytes.length - 1] |= 1;
  let number = BigInt(`0x${bytes.toString("hex")}`);
  while (number % E === 1n || !checkPrimeSync(number)) number += 2n;
  return number;
}

/** Of `a` modulo `m`, by Euclid. */
function inverse(a, m) {
  let [r, next] = [m, a % m];
  let [t, step] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, step] = [step, t - quotient * step];
  }
  return ((t % m) + m) % m;
}

function toText(number) {
  const digits = number.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex").toString(
    "base64url",
  );
}
