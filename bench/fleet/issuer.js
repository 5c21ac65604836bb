import { webcrypto } from "node:crypto";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** When every run begins; a whole hour. */
export const START = Date.UTC(2030, 0, 1);

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Real keys, made once: which of them a token is under is all that the simulation decides by. */
export async function makeKeys(count) {
  const keys = [];
  for (let number = 0; number < count; number++) {
    const pair = await webcrypto.subtle.generateKey(
      { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"],
    );
    const { n, e } = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
    const kid = `${number}`.padStart(64, "a");
    keys.push({ kty: "RSA", alg: "RS256", use: "sig", kid, n, e });
  }
  return keys;
}

/** Imports each key once, and answers every later import of it from there: RSA is not the subject. */
export async function importOnce(keys) {
  const importKey = crypto.subtle.importKey.bind(crypto.subtle);
  const imported = new Map();
  for (const key of keys) {
    imported.set(key.n, await importKey("jwk", key, RS256, true, ["verify"]));
  }
  crypto.subtle.importKey = async (format, key, ...rest) =>
    imported.get(key?.n) ?? importKey(format, key, ...rest);
}

/**
 * An issuer that rotates: key n is first used at its time, is published `lead` before (after, when
 * negative), and goes when the one after the next is published. Two keys are published at any time.
 */
export class Issuer {
  constructor(keys, { first, every, lead }) {
    this.keys = keys;
    this.first = first;
    this.every = every;
    this.lead = lead;
    this.bodies = new Map();
  }

  /** When a key signs its first token. */
  firstUseOf(number) {
    return number === 0 ? Number.NEGATIVE_INFINITY : START + this.first + (number - 1) * this.every;
  }

  #newestAt(time, lead) {
    return Math.max(0, Math.floor((time - START - this.first + lead) / this.every) + 1);
  }

  /** The number of the key that signs at a time. */
  signingAt(time) {
    return this.#newestAt(time, 0);
  }

  /** The set that is published at a time, as the endpoint spells it. */
  publishedAt(time) {
    const newest = this.#newestAt(time, this.lead);
    let body = this.bodies.get(newest);
    if (body === undefined) {
      const numbers = newest === 0 ? [0] : [newest - 1, newest];
      const keys = numbers.map((number) => this.keys[number]);
      body = { text: JSON.stringify({ keys }), kids: keys.map(({ kid }) => kid) };
      this.bodies.set(newest, body);
    }
    return body;
  }
}
