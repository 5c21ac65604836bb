import { KeySetError } from "../errors.ts";
import type { VerificationKey } from "../keys/key-set.ts";
import type { CompactToken } from "../token/compact.ts";

/**
 * Tries the keys in turn until one verifies (RFC 7515 section 5.2, RFC 8017 section 8.2.2).
 *
 * @returns the key that signed, or `undefined` when none did
 * @throws {KeySetError} `no_usable_keys` when a key set supplies a key that is not for RS256
 */
export async function findSigner(
  { signature, signingInput }: Pick<CompactToken, "signature" | "signingInput">,
  keys: readonly VerificationKey[],
): Promise<VerificationKey | undefined> {
  for (const key of keys) {
    const { cryptoKey } = key;
    if (!isForRs256(cryptoKey)) throw new KeySetError("no_usable_keys");
    if (await crypto.subtle.verify("RSASSA-PKCS1-v1_5", cryptoKey, signature, signingInput)) {
      return key;
    }
  }
  return undefined;
}

/**
 * WebCrypto takes the hash from the key, not from the call: whichever key set supplied it, a key of
 * another hash or purpose must not be asked.
 */
function isForRs256({ type, usages, algorithm }: VerificationKey["cryptoKey"]): boolean {
  const { name, hash, modulusLength } = algorithm as RsaKeyAlgorithm;
  return (
    type === "public" &&
    usages.includes("verify") &&
    name === "RSASSA-PKCS1-v1_5" &&
    hash?.name === "SHA-256" &&
    modulusLength >= 2048
  );
}

/** Of RsaHashedKeyAlgorithm (Web Cryptography, section 20.6), whichever ambient types are in use. */
interface RsaKeyAlgorithm {
  readonly name: string;
  readonly hash?: { readonly name: string };
  readonly modulusLength: number;
}
