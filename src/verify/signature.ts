import { KeySetError } from "../errors.ts";
import { pause } from "../http/deadline.ts";
import type { VerificationKey } from "../keys/key-set.ts";
import { type CompactToken, endOf } from "../token/compact.ts";

type Signed = Pick<CompactToken, "signature" | "signingInput">;
type Keys = readonly VerificationKey[];

/** One signature operation under way. */
interface Flight {
  readonly token: string;
  readonly keys: Keys;
  readonly signer: Promise<VerificationKey | undefined>;
}

/** How long a follower believes that a leader is still there: its promise can die with its request. */
const PATIENCE_MS = 1000;
const MAX_FLIGHTS = 1024;

/**
 * Finds the key that signed a token; concurrent calls for the same token and keys share one
 * operation, and its result only.
 */
export class SignatureCheck {
  readonly flights: Map<string, Flight> = new Map();

  /**
   * @returns the key that signed, or `undefined` when none did
   * @throws {KeySetError} (rejects) `no_usable_keys` when a key set supplies a key that is not for RS256
   */
  findSigner(token: string, parsed: Signed, keys: Keys): Promise<VerificationKey | undefined> {
    // Whoever sends a token with another's end only loses the sharing: the whole string decides.
    const index = endOf(token);
    const flight = this.flights.get(index);
    if (flight?.token === token && isSame(flight.keys, keys)) {
      return this.follow(flight, index, parsed);
    }
    const signer = tryKeys(parsed, keys);
    if (flight === undefined && this.flights.size < MAX_FLIGHTS) {
      this.flights.set(index, { token, keys, signer });
      const land = (): void => {
        this.flights.delete(index);
      };
      signer.then(land, land);
    }
    return signer;
  }

  async follow(
    flight: Flight,
    index: string,
    parsed: Signed,
  ): Promise<VerificationKey | undefined> {
    const settled = flight.signer.catch(() => {});
    if ((await pause(PATIENCE_MS, settled)) === "settled") return flight.signer;
    // It died with its request: nobody need wait for it again.
    if (this.flights.get(index) === flight) this.flights.delete(index);
    return tryKeys(parsed, flight.keys);
  }
}

/** Tries the keys in turn until one verifies (RFC 7515 section 5.2, RFC 8017 section 8.2.2). */
async function tryKeys(
  { signature, signingInput }: Signed,
  keys: Keys,
): Promise<VerificationKey | undefined> {
  for (const key of keys) {
    // Anyone can write a key set: what it brings is looked at before it is used.
    const cryptoKey = key?.cryptoKey;
    if (!isForRs256(cryptoKey)) throw new KeySetError("no_usable_keys");
    if (!isInRange(signature, key)) continue;
    if (await verifies(cryptoKey, signature, signingInput)) return key;
  }
  return undefined;
}

async function verifies(
  key: VerificationKey["cryptoKey"],
  signature: Uint8Array<ArrayBuffer>,
  signingInput: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    return await crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, signingInput);
  } catch (cause) {
    // A wrong signature is an answer; an engine that throws could not use the key.
    throw new KeySetError("no_usable_keys", { cause });
  }
}

function isSame(one: Keys, other: Keys): boolean {
  return (
    one.length === other.length && one.every((key, at) => key?.cryptoKey === other[at]?.cryptoKey)
  );
}

/**
 * A signature is as long as the modulus and less than it (RFC 8017 sections 5.2.2 and 8.2.2). Not every
 * engine insists, and one that does not gives a token several spellings.
 */
function isInRange(signature: Uint8Array, { cryptoKey, modulus }: VerificationKey): boolean {
  const { modulusLength = 0 } = cryptoKey.algorithm as RsaKeyAlgorithm;
  if (signature.length !== Math.ceil(modulusLength / 8)) return false;
  if (modulus === undefined) return true;
  const at = modulus.findIndex((byte, index) => byte !== signature[index]);
  return (signature[at] ?? 0) < (modulus[at] ?? 0);
}

/**
 * WebCrypto takes the hash from the key, not from the call: whichever key set supplied it, a key of
 * another hash or purpose must not be asked.
 */
function isForRs256(
  key: VerificationKey["cryptoKey"] | undefined,
): key is VerificationKey["cryptoKey"] {
  const { name, hash, modulusLength = 0 } = (key?.algorithm ?? {}) as RsaKeyAlgorithm;
  return (
    key?.type === "public" &&
    key.usages.includes("verify") &&
    name === "RSASSA-PKCS1-v1_5" &&
    hash?.name === "SHA-256" &&
    modulusLength >= 2048
  );
}

/** Of RsaHashedKeyAlgorithm (Web Cryptography, section 20.6), whichever ambient types are in use. */
interface RsaKeyAlgorithm {
  readonly name?: string;
  readonly hash?: { readonly name: string };
  readonly modulusLength?: number;
}
