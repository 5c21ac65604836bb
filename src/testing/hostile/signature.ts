import { decodeBase64Url, encodeBase64Url } from "../../encoding/base64url.ts";
import { encodePart } from "../compact.ts";
import { type Bytes, concat, hex, toHex, utf8 } from "../der.ts";
import { decoded, type PrivateJwk } from "../signing-key.ts";
import { type Attacks, type Forge, partsOf } from "./forge.ts";

/** The DER bytes before a SHA-256 digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = hex("3031300d060960864801650304020105000420");

/** Signatures that do not belong to the token (RFC 7515 section 5.2, RFC 8017 section 8.2.2). */
export const signatureAttacks: Attacks = async function* (forge) {
  const { genuine, claims, header, key, signed } = forge;
  const [first, payload, last] = partsOf(genuine);
  const signature = decodeBase64Url(last) ?? new Uint8Array();
  const size = signature.length;
  const under = (bytes: Bytes): string => `${first}.${payload}.${encodeBase64Url(bytes)}`;
  const length = "A signature is exactly as long as the modulus (RFC 8017 section 8.2.2, step 1)";
  const flipped = signature.slice();
  flipped[size - 1] = (flipped[size - 1] ?? 0) ^ 1;
  const modulus = toBigInt(decoded(key.publicJwk.n));
  const roomy = await leavingRoom(forge, modulus, size);
  const [roomyHeader, roomyPayload] = partsOf(roomy);
  const shifted = toBytes(signatureNumber(roomy) + modulus, size);

  yield {
    name: "payload-changed",
    token: `${first}.${encodePart({ ...claims, email: "admin@example.com" })}.${last}`,
    why: "The claims were changed after signing: the signature does not cover them (RFC 7515 section 5.2).",
  };
  yield {
    name: "header-changed",
    token: `${encodePart({ ...header, kid: key.kid, x: 1 })}.${payload}.${last}`,
    why: "The header was changed after signing: the signature covers it too (RFC 7515 section 5.2).",
  };
  yield {
    name: "signature-of-another-token",
    token: `${first}.${payload}.${partsOf(await signed({ ...claims, country: "DE" }))[2]}`,
    why: "A genuine signature, but of another token (RFC 7515 section 5.2).",
  };
  yield { name: "signature-empty", token: under(new Uint8Array()), why: `It is empty. ${length}.` };
  yield {
    name: "signature-one-bit-off",
    token: under(flipped),
    why: "One bit of the signature differs (RFC 8017 section 8.2.2).",
  };
  yield {
    name: "signature-cut",
    token: under(signature.slice(0, size - 1)),
    why: `Its last byte is missing. ${length}.`,
  };
  yield {
    name: "signature-cut-in-half",
    token: under(signature.slice(0, size / 2)),
    why: `Half of it is missing. ${length}.`,
  };
  yield {
    name: "signature-with-zero-before",
    token: under(concat(Uint8Array.of(0), signature)),
    why: `A zero byte comes before it, which does not change its value as a number. ${length}.`,
  };
  yield {
    name: "signature-with-zero-behind",
    token: under(concat(signature, Uint8Array.of(0))),
    why: `A zero byte follows it. ${length}.`,
  };
  yield {
    name: "signature-twice",
    token: under(concat(signature, signature)),
    why: `The token contains it twice. ${length}.`,
  };
  yield {
    name: "signature-plus-modulus",
    token: `${roomyHeader}.${roomyPayload}.${encodeBase64Url(shifted)}`,
    why: "The modulus was added to it, which does not change the result of the calculation. A signature must be less than the modulus (RFC 8017 section 5.2.2, step 1).",
  };
  for (const [name, bytes, what] of [
    ["zero", new Uint8Array(size), "zero, and every power of it is zero"],
    ["one", toBytes(1n, size), "one, and every power of it is one"],
    [
      "modulus",
      toBytes(modulus, size),
      "the modulus itself, which is equal to zero in the calculation",
    ],
    ["all-ones", new Uint8Array(size).fill(0xff), "larger than the modulus"],
  ] as const) {
    yield {
      name: `signature-${name}`,
      token: under(bytes),
      why: `The signature is ${what}. No key made it (RFC 8725 section 3.3, RFC 8017 section 5.2.2).`,
    };
  }

  const input = utf8(`${first}.${payload}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", input));
  const head = Uint8Array.of(0, 1, ...Array<number>(8).fill(0xff), 0);
  const used = head.length + DIGEST_INFO.length + digest.length;
  const garbage = concat(head, DIGEST_INFO, digest, new Uint8Array(size - used).fill(0x2a));
  yield {
    name: "signature-garbage-behind-the-digest",
    token: under(rawSignature(garbage, key.privateJwk)),
    why: "The padding is too short and garbage follows the digest. A guard that ignores the rest accepts forgeries for small exponents: it must compare the whole encoded message (RFC 8017 section 8.2.2, step 4).",
  };
  const padding = new Uint8Array(size - digest.length - 3).fill(0xff);
  const bare = concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), digest);
  yield {
    name: "signature-without-digest-info",
    token: under(rawSignature(bare, key.privateJwk)),
    why: "The signature contains only the digest, and does not name the hash (RFC 8017 section 9.2, step 2).",
  };
};

/**
 * Makes a genuine token whose signature plus the modulus is not longer than the modulus. With most keys
 * one token in three is like that. If the modulus is nearly all ones, it gives up after 50 tries.
 */
async function leavingRoom(
  { genuine, signed, claims }: Forge,
  modulus: bigint,
  size: number,
): Promise<string> {
  const limit = 1n << BigInt(8 * size);
  let token = genuine;
  for (let nonce = 0; nonce < 50 && signatureNumber(token) + modulus >= limit; nonce++) {
    token = await signed({ ...claims, identity_nonce: `${nonce}` });
  }
  return token;
}

function signatureNumber(token: string): bigint {
  return toBigInt(decoded(partsOf(token)[2]));
}

/**
 * The private key operation, on bytes that no signer would sign. Two powers modulo the primes take a quarter of
 * the time of one modulo n (RFC 8017 section 5.1.2, step 2b).
 */
function rawSignature(encoded: Bytes, jwk: PrivateJwk): Bytes {
  const [p, q, dp, dq, qi] = ["p", "q", "dp", "dq", "qi"].map((name) =>
    toBigInt(decoded(jwk[name] as string)),
  ) as [bigint, bigint, bigint, bigint, bigint];
  const message = toBigInt(encoded);
  const rest = power(message, dq, q);
  const quotient = ((power(message, dp, p) - rest) * qi) % p;
  // The quotient may be negative.
  return toBytes(rest + q * ((quotient + p) % p), encoded.length);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

/** Writes a number in at least `size` bytes, or one more if it needs it. */
function toBytes(number: bigint, size: number): Bytes {
  const digits = number.toString(16);
  return hex(digits.padStart(Math.max(2 * size, digits.length + (digits.length % 2)), "0"));
}
