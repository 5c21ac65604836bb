import { settlesInTime } from "../http/patience.ts";
import type { VerificationKey } from "../keys/jwk.ts";
import { member } from "../own.ts";
import type { CompactToken } from "../token/compact.ts";

type Signed = Pick<CompactToken, "text" | "signature" | "signingInput">;
type Keys = readonly VerificationKey[];
type Signer = Promise<VerificationKey | undefined>;

/** A signature operation that has not ended yet. */
interface Flight {
  readonly text: string;
  readonly keys: Keys;
  signer: Signer | undefined;
}

const SLOTS = 1024;

/**
 * Finds the key that signed a token (RFC 7515 section 5.2). Concurrent calls for the same token and
 * keys share one operation, and its result only.
 */
export class SignatureCheck {
  // One operation per slot: this bounds their number without hashing a token. A token whose slot is
  // taken over by another one only loses the sharing.
  readonly flights: (Flight | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly unusable: (cause: unknown) => Error;

  /** @param unusable makes the error for a key set that supplies a key that is not for RS256 */
  constructor(unusable: (cause: unknown) => Error) {
    this.unusable = unusable;
  }

  /**
   * @returns the key that signed, or `undefined` when none did; rejects with the error for unusable keys
   */
  findSigner(token: Signed, keys: Keys): Signer {
    const slot = slotOf(token.signature);
    const under = this.flights[slot];
    // The whole text is compared: a slot proves nothing.
    if (under?.signer !== undefined && under.text === token.text && isSame(under.keys, keys)) {
      return this.follow(under, under.signer, token);
    }
    const flight: Flight = { text: token.text, keys, signer: undefined };
    this.flights[slot] = flight;
    flight.signer = this.lead(flight, token);
    return flight.signer;
  }

  /** Tries the keys in turn until one verifies (RFC 8017 section 8.2.2). */
  async lead(flight: Flight, token: Signed): Signer {
    const { signature, signingInput } = token;
    try {
      for (const key of flight.keys) {
        // A key set may be foreign code: its keys are checked before use. What is no key at all throws, too.
        const { cryptoKey } = key;
        if (!isForRs256(cryptoKey)) throw new TypeError("not for RS256");
        if (!isInRange(signature, key)) continue;
        if (await crypto.subtle.verify("RSASSA-PKCS1-v1_5", cryptoKey, signature, signingInput)) {
          return key;
        }
      }
      return undefined;
    } catch (cause) {
      // For a wrong signature the engine answers `false`. When it throws, it could not use the key.
      throw this.unusable(cause);
    } finally {
      this.land(flight, signature);
    }
  }

  /** On Workers a promise dies with the request that made it; a timeout is the only sign of that. */
  async follow(flight: Flight, signer: NonNullable<Flight["signer"]>, token: Signed): Signer {
    if (await settlesInTime(signer)) return signer;
    // The first follower to find that out leads, and the others follow.
    this.land(flight, token.signature);
    return this.findSigner(token, flight.keys);
  }

  land(flight: Flight, signature: Uint8Array): void {
    const slot = slotOf(signature);
    if (this.flights[slot] === flight) this.flights[slot] = undefined;
  }
}

/** The last bytes of signatures are as good as random. */
function slotOf(signature: Uint8Array): number {
  const last = signature.length - 1;
  return ((signature[last] ?? 0) * 256 + (signature[last - 1] ?? 0)) % SLOTS;
}

function isSame(one: Keys, other: Keys): boolean {
  return (
    one.length === other.length && one.every((key, at) => key?.cryptoKey === other[at]?.cryptoKey)
  );
}

/**
 * A signature is as long as the modulus and a smaller number (RFC 8017 sections 5.2.2 and 8.2.2). Not
 * every engine checks that. Without the check a token would have several spellings.
 */
function isInRange(signature: Uint8Array, key: VerificationKey): boolean {
  const { modulusLength = 0 } = key.cryptoKey.algorithm as RsaKeyAlgorithm;
  const modulus = member(key, "modulus") as VerificationKey["modulus"];
  if (signature.length !== Math.ceil(modulusLength / 8)) return false;
  if (modulus === undefined) return true;
  let at = 0;
  while (at < modulus.length && signature[at] === modulus[at]) at++;
  return (signature[at] ?? 0) < (modulus[at] ?? 0);
}

/**
 * WebCrypto takes the hash from the key, not from the call. So a key for another hash or purpose must
 * not be used, from any key set.
 */
function isForRs256({ type, usages, algorithm }: VerificationKey["cryptoKey"]): boolean {
  const { name, hash, modulusLength = 0 } = algorithm as RsaKeyAlgorithm;
  return (
    type === "public" &&
    usages.includes("verify") &&
    name === "RSASSA-PKCS1-v1_5" &&
    hash.name === "SHA-256" &&
    modulusLength >= 2048
  );
}

/** Of RsaHashedKeyAlgorithm (Web Cryptography, section 20.6), whichever ambient types are in use. */
interface RsaKeyAlgorithm {
  readonly name?: string;
  readonly hash: { readonly name: string };
  readonly modulusLength?: number;
}
