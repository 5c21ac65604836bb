import { settlesInTime } from "../http/patience.ts";
import type { VerificationKey } from "../keys/jwk.ts";
import { member } from "../own.ts";
import type { CompactToken } from "../token/compact.ts";

type Signed = Pick<CompactToken, "text" | "signature" | "signingInput">;
type Keys = readonly VerificationKey[];
type Signer = Promise<VerificationKey | undefined>;

/** One signature operation under way. */
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
  // One operation a slot bounds them, without hashing a token. A token that loses its slot to another
  // one loses the sharing and nothing else.
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
    // The whole text decides, and not the slot.
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
        // Anyone can write a key set: what it brings is looked at before it is used.
        const cryptoKey = key?.cryptoKey;
        if (!isForRs256(cryptoKey)) throw new TypeError("not for RS256");
        if (!isInRange(signature, key)) continue;
        if (await crypto.subtle.verify("RSASSA-PKCS1-v1_5", cryptoKey, signature, signingInput)) {
          return key;
        }
      }
      return undefined;
    } catch (cause) {
      // A wrong signature is an answer; an engine that throws could not use the key.
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

/** Signatures are as good as random, so their ends scatter. */
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
 * A signature is as long as the modulus and less than it (RFC 8017 sections 5.2.2 and 8.2.2). Not every
 * engine insists, and one that does not gives a token several spellings.
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
 * WebCrypto takes the hash from the key, not from the call: whichever key set supplied it, a key of
 * another hash or purpose must not be used.
 */
function isForRs256(
  key: VerificationKey["cryptoKey"] | undefined,
): key is VerificationKey["cryptoKey"] {
  const { name, hash, modulusLength = 0 } = (key?.algorithm ?? {}) as RsaKeyAlgorithm;
  return (
    key?.type === "public" &&
    key.usages?.includes("verify") &&
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
