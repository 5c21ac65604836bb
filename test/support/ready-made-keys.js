// An RSA key takes a tenth of a second to make, and the tests need hundreds. Here `generateKey` makes each key
// from two of some ready-made primes, so that it takes a thousandth. No two keys of a process are the same.
import { readFileSync } from "node:fs";

const { subtle } = crypto;
const make = Object.getPrototypeOf(subtle).generateKey;
const texts = JSON.parse(readFileSync(new URL("./rsa-primes.json", import.meta.url), "utf8"));
const primes = texts.map((text) => BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`));
const E = 65_537n;
let next = 0;

const encode = (number) => {
  const digits = number.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return bytes.toString("base64url");
};

/** The number that gives 1 when it is multiplied by `number`, modulo `modulus`. */
function inverse(number, modulus) {
  let [before, rest] = [modulus, number % modulus];
  let [factorBefore, factor] = [0n, 1n];
  while (rest > 1n) {
    const times = before / rest;
    [before, rest] = [rest, before - times * rest];
    [factorBefore, factor] = [factor, factorBefore - times * factor];
  }
  return factor < 0n ? factor + modulus : factor;
}

/** The members of the next key (RFC 7518 section 6.3.2): each pair of primes comes once. */
function nextMembers() {
  const count = primes.length;
  const first = next % count;
  const distance = 1 + Math.floor(next / count);
  if (distance >= count / 2) throw new Error("There are no more pairs of ready-made primes.");
  next++;
  const p = primes[first];
  const q = primes[(first + distance) % count];
  const d = inverse(E, (p - 1n) * (q - 1n));
  const members = {
    n: p * q,
    e: E,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: inverse(q, p),
  };
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, encode(value)]));
}

async function generateKey(algorithm, extractable, usages) {
  const { name, modulusLength, publicExponent } = algorithm;
  const isUsual = name === "RSASSA-PKCS1-v1_5" && modulusLength === 2048;
  if (!isUsual || `${publicExponent}` !== "1,0,1") {
    return make.call(subtle, algorithm, extractable, usages);
  }
  const members = nextMembers();
  const { n, e } = members;
  const read = (key, exports, uses) =>
    subtle.importKey("jwk", { kty: "RSA", ...key }, algorithm, exports, uses);
  return {
    privateKey: await read(members, extractable, ["sign"]),
    publicKey: await read({ n, e }, true, ["verify"]),
  };
}

// Test files that share a process share the keys that were made before.
if (!Object.hasOwn(subtle, "generateKey")) subtle.generateKey = generateKey;
