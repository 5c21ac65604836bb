// Everything random in the vectors, made repeatable: keys, random bytes, and what WebCrypto makes
// differently each time: RSA-PSS and ECDSA signatures, and RSA-OAEP encryption.
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  verify,
} from "node:crypto";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/**
 * Runs `work` with the given keys in place of fresh ones, in their order, and bytes that are the
 * same each time. A value that no fixed key makes twice is taken from the tokens made before, if it
 * verifies or decrypts.
 */
export async function withFixedChance({ current, previous, attacker, curve }, before, work) {
  const { subtle } = crypto;
  const real = {
    generateKey: subtle.generateKey.bind(subtle),
    sign: subtle.sign.bind(subtle),
    encrypt: subtle.encrypt.bind(subtle),
    getRandomValues: crypto.getRandomValues.bind(crypto),
  };
  const rsaKeys = [previous, attacker];
  let count = 0;

  async function generateKey({ name }) {
    const jwk = name === CURVE.name ? curve : rsaKeys.shift();
    if (jwk === undefined) throw new Error("more keys are made than are fixed");
    const algorithm = name === CURVE.name ? CURVE : RSA;
    const { d, p, q, dp, dq, qi, ...publicJwk } = jwk;
    return {
      privateKey: await subtle.importKey("jwk", jwk, algorithm, true, ["sign"]),
      publicKey: await subtle.importKey("jwk", publicJwk, algorithm, true, ["verify"]),
    };
  }

  function getRandomValues(bytes) {
    for (let at = 0; at < bytes.length; at += 32) {
      const block = createHash("sha256").update(`conformance ${count++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, bytes.length - at)), at);
    }
    return bytes;
  }

  async function sign(algorithm, key, input) {
    const name = algorithm.name ?? algorithm;
    if (name !== "RSA-PSS" && name !== "ECDSA") return real.sign(algorithm, key, input);
    const text = Buffer.from(input).toString();
    const made = before.filter((token) => token.slice(0, token.lastIndexOf(".")) === text);
    const signatures = made.map((token) =>
      Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url"),
    );
    const hash = (algorithm.hash ?? key.algorithm.hash.name).replace("-", "");
    const options =
      name === "ECDSA"
        ? { key: createPublicKey({ key: curve, format: "jwk" }), dsaEncoding: "ieee-p1363" }
        : {
            key: createPublicKey({ key: current, format: "jwk" }),
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: algorithm.saltLength,
          };
    const found = signatures.find((signature) => verify(hash, input, options, signature));
    return found === undefined ? real.sign(algorithm, key, input) : Uint8Array.from(found).buffer;
  }

  async function encrypt(algorithm, key, input) {
    if (algorithm.name !== "RSA-OAEP") return real.encrypt(algorithm, key, input);
    const secret = createPrivateKey({ key: current, format: "jwk" });
    const opens = (bytes) => {
      try {
        const options = { key: secret, oaepHash: "sha256" };
        return privateDecrypt(options, bytes).equals(Buffer.from(input));
      } catch {
        return false;
      }
    };
    const found = before
      .map((token) => token.split("."))
      .filter(({ length }) => length === 5)
      .map(([, wrapped]) => Buffer.from(wrapped, "base64url"))
      .find(opens);
    return found === undefined
      ? real.encrypt(algorithm, key, input)
      : Uint8Array.from(found).buffer;
  }

  const replace = (owner, functions) => {
    for (const [name, value] of Object.entries(functions))
      Object.defineProperty(owner, name, { value, configurable: true });
  };
  replace(subtle, { generateKey, sign, encrypt });
  replace(crypto, { getRandomValues });
  try {
    return await work();
  } finally {
    for (const name of ["generateKey", "sign", "encrypt"]) delete subtle[name];
    delete crypto.getRandomValues;
  }
}
