import { KeyObject, webcrypto } from "node:crypto";
import { encodeBase64Url } from "../encoding/base64url.ts";
import type { JsonObject } from "../encoding/json.ts";
import type { Jwk } from "../keys/jwk.ts";
import { selfSigned } from "./certificate.ts";
import { randomHex, sha256Hex } from "./digest.ts";

interface SigningKey {
  readonly kid: string;
  readonly jwk: Jwk;
  readonly cert: string;
  readonly privateKey: webcrypto.CryptoKey;
}

/** What the certs endpoint answers. */
export interface Certs {
  readonly keys: readonly Jwk[];
  readonly public_cert: PublicCert;
  readonly public_certs: readonly PublicCert[];
}

interface PublicCert {
  readonly kid: string;
  readonly cert: string;
}

/** The key pairs of one start, as the vendor keeps them: a current and a previous one. */
export interface SigningKeys {
  /** The kid that new tokens are signed under. */
  readonly current: string;
  /** Every kid that the certs endpoint gives, the current one first. */
  readonly published: readonly string[];
  sign(claims: JsonObject): Promise<{ readonly token: string; readonly kid: string }>;
  certs(): Certs;
  /** A new current key; the current one becomes the previous, and the previous is gone. */
  rotate(): Promise<void>;
  /** Takes one key away at once. If it is the current one, a new one takes its place. */
  withdraw(kid: string): Promise<boolean>;
}

const RS256 = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
};

/** Generates the first two key pairs. */
export async function createSigningKeys(): Promise<SigningKeys> {
  const pairs = await Promise.all([generate(), generate()]);
  let current: SigningKey = pairs[0];
  let previous: readonly SigningKey[] = [pairs[1]];
  // Making a key takes a while: changes are made one after the other.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const done = turn.then(change);
    turn = done.catch(() => {});
    return done;
  };
  return {
    get current() {
      return current.kid;
    },
    get published() {
      return [current, ...previous].map(({ kid }) => kid);
    },
    async sign(claims) {
      const { kid, privateKey } = current;
      const input = `${segment({ alg: "RS256", kid, typ: "JWT" })}.${segment(claims)}`;
      const signature = await webcrypto.subtle.sign(RS256.name, privateKey, Buffer.from(input));
      return { kid, token: `${input}.${encodeBase64Url(new Uint8Array(signature))}` };
    },
    certs() {
      const keys = [current, ...previous];
      // No order is promised, and a reader that counts on one is to find out here.
      if (Math.random() < 0.5) keys.reverse();
      return {
        keys: keys.map(({ jwk }) => jwk),
        public_cert: { kid: current.kid, cert: current.cert },
        public_certs: keys.map(({ kid, cert }) => ({ kid, cert })),
      };
    },
    rotate: () =>
      inTurn(async () => {
        const next = await generate();
        previous = [current];
        current = next;
      }),
    withdraw: (kid) =>
      inTurn(async () => {
        const isCurrent = kid === current.kid;
        if (!isCurrent && !previous.some((key) => key.kid === kid)) return false;
        if (isCurrent) current = await generate();
        else previous = previous.filter((key) => key.kid !== kid);
        return true;
      }),
  };
}

async function generate(): Promise<SigningKey> {
  const pair = await webcrypto.subtle.generateKey(RS256, true, ["sign", "verify"]);
  const { privateKey, publicKey } = pair as webcrypto.CryptoKeyPair;
  const spki = KeyObject.from(publicKey).export({ type: "spki", format: "der" });
  const { n, e } = await webcrypto.subtle.exportKey("jwk", publicKey);
  const kid = sha256Hex(spki);
  const jwk: Jwk = { kid, kty: "RSA", alg: "RS256", use: "sig", e, n };
  const facts = {
    name: "postern/local",
    serial: Buffer.from(randomHex(8), "hex"),
    now: Date.now(),
  };
  return { kid, jwk, cert: selfSigned({ privateKey, spki }, facts), privateKey };
}

function segment(value: JsonObject): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}
