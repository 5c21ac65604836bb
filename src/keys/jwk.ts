import { decodeBase64Url, encodeBase64Url } from "../encoding/base64url.ts";
import { isJsonObject } from "../encoding/json.ts";
import { own } from "../own.ts";

/** The CryptoKey type of the runtime, with any ambient types. */
export type VerifyCryptoKey = Parameters<typeof crypto.subtle.verify>[1];

/** A key that may verify a token. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly cryptoKey: VerifyCryptoKey;
  /** The modulus without leading zeros, if known: a signature must be a smaller number. */
  readonly modulus?: Uint8Array | undefined;
}

/** An RSA public key in the members of a JWK (RFC 7518 section 6.3.1). */
export interface ReadJwk {
  readonly kid: string | undefined;
  readonly n: string;
  readonly e: string;
  /** The bytes of `n`, without leading zeros. */
  readonly modulus: Uint8Array<ArrayBuffer>;
}

export const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** Every private or symmetric member (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/**
 * Reads a JWK that can verify RS256, or says in a few words why it cannot.
 *
 * @returns the members, or the reason to skip it; a reason never holds a value of the key
 */
export function readJwk(jwk: unknown): ReadJwk | string {
  if (!isJsonObject(jwk)) return "not an object";
  const given = (name: string): unknown => {
    const value = own(jwk, name);
    // Some programs write `null` or an empty list for "not set".
    return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  };
  if (given("kty") !== "RSA") return "kty is not RSA";
  const kid = given("kid");
  if (kid !== undefined && typeof kid !== "string") return "kid is not a string";
  if ((given("use") ?? "sig") !== "sig") return "use is not sig";
  if ((given("alg") ?? "RS256") !== "RS256") return "alg is not RS256";
  const wrong = wrongOperations(given("key_ops"));
  if (wrong !== undefined) return wrong;
  // A private key on a public page is compromised.
  if (PRIVATE.some((member) => given(member) !== undefined)) return "private members";
  const n = given("n");
  const e = given("e");
  if (typeof n !== "string" || typeof e !== "string") return "n or e is missing";
  const modulus = unsigned(n);
  const exponent = unsigned(e);
  if (modulus === undefined || exponent === undefined) return "n or e is not base64url";
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  // RFC 7518 section 3.3 asks for 2048 bits; past 8192 a verification is slow enough to hurt.
  if (bits < 2048 || bits > 8192) return "modulus is not of 2048 to 8192 bits";
  if (isEven(modulus)) return "modulus is even";
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (isOne || isEven(exponent) || exponent.length > 4) {
    return "exponent is not odd and of 2 to 32 bits";
  }
  // Encoded again: some engines refuse a leading zero octet (RFC 7518 section 6.3.1.1 forbids it).
  return { kid, n: encodeBase64Url(modulus), e: encodeBase64Url(exponent), modulus };
}

/** RFC 7517 section 4.3: strings without duplicates. */
function wrongOperations(operations: unknown): string | undefined {
  if (operations === undefined) return undefined;
  if (!Array.isArray(operations) || !operations.includes("verify")) return "key_ops lacks verify";
  const isList = operations.every((operation) => typeof operation === "string");
  if (isList && new Set(operations).size === operations.length) return undefined;
  return "key_ops is not a list of different strings";
}

/**
 * Browsers have `crypto.subtle` in secure contexts only (Secure Contexts, section 1.1).
 *
 * @throws {TypeError} when there is no `crypto.subtle`
 */
export function requireSubtle(): void {
  if (globalThis.crypto?.subtle !== undefined) return;
  throw new TypeError(
    "crypto.subtle must be there: a page needs a secure context, https or localhost",
  );
}

/** Imports what {@link readJwk} read. */
export async function importMembers({ n, e }: Pick<ReadJwk, "n" | "e">): Promise<VerifyCryptoKey> {
  requireSubtle();
  // All members are set: engines read a missing one from the prototype, which may be polluted.
  const jwk = { kty: "RSA", n, e, alg: "RS256", use: "sig", key_ops: ["verify"], ext: true };
  // A public key may be extractable, and `jwkToPem` exports it.
  return crypto.subtle.importKey("jwk", jwk, RS256, true, ["verify"]);
}

function isEven(bytes: Uint8Array): boolean {
  return ((bytes.at(-1) ?? 0) & 1) === 0;
}

/** The bytes of an unsigned integer without leading zeros, which RFC 7518 section 2 forbids. */
function unsigned(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = decodeBase64Url(text);
  let zeros = 0;
  while (bytes?.[zeros] === 0) zeros++;
  return bytes?.subarray(zeros);
}
