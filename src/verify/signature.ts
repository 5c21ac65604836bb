import { KeySetError } from "../errors.ts";
import { pause } from "../http/deadline.ts";
import type { VerificationKey } from "../keys/key-set.ts";
import { member } from "../own.ts";
import type { CompactToken } from "../token/compact.ts";

type Signed = Pick<CompactToken, "signature" | "signingInput">;
type Keys = readonly VerificationKey[];

/** One signature operation under way. */
interface Flight {
  readonly token: string;
  readonly keys: Keys;
  /** The key that signed, or `undefined` when none did. */
  readonly signer: Promise<VerificationKey | undefined>;
}

/** How long a follower believes that a leader is still there: its promise can die with its request. */
const PATIENCE_MS = 1000;
const SLOTS = 1024;

/**
 * Finds the key that signed a token; concurrent calls for the same token and keys share one
 * operation, and its result only.
 */
export class SignatureCheck {
  // One flight a slot bounds them, without hashing a token. Who loses his slot to another token, by
  // chance or on purpose, loses the sharing and nothing else.
  readonly flights: (Flight | undefined)[] = new Array(SLOTS).fill(undefined);

  /**
   * @returns the key that signed, or `undefined` when none did
   * @throws {KeySetError} (rejects) `no_usable_keys` when a key set supplies a key that is not for RS256
   */
  findSigner(token: string, parsed: Signed, keys: Keys): Promise<VerificationKey | undefined> {
    const slot = slotOf(parsed.signature);
    const flight = this.flights[slot];
    // The whole string decides, whatever it looks like.
    if (flight?.token === token && isSame(flight.keys, keys)) {
      return this.follow(flight, slot, parsed);
    }
    return this.lead(token, keys, slot, parsed);
  }

  lead(token: string, keys: Keys, slot: number, parsed: Signed): Flight["signer"] {
    const flight: Flight = { token, keys, signer: signerAmong(keys, parsed) };
    this.flights[slot] = flight;
    const land = (): void => this.land(flight, slot);
    flight.signer.then(land, land);
    return flight.signer;
  }

  async follow(flight: Flight, slot: number, parsed: Signed): Flight["signer"] {
    const { token, keys, signer } = flight;
    const settled = signer.catch(() => {});
    if ((await pause(PATIENCE_MS, settled)) === "settled") return signer;
    // It died with its request. Whoever finds that out first leads, and the others follow him.
    this.land(flight, slot);
    return this.findSigner(token, parsed, keys);
  }

  land(flight: Flight, slot: number): void {
    if (this.flights[slot] === flight) this.flights[slot] = undefined;
  }
}

/** Tries the keys in turn until one verifies (RFC 7515 section 5.2, RFC 8017 section 8.2.2). */
async function signerAmong(
  keys: Keys,
  { signature, signingInput }: Signed,
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

/** Signatures are as good as random, so that their ends scatter. */
function slotOf(signature: Uint8Array): number {
  const last = signature.length - 1;
  return ((signature[last] ?? 0) * 256 + (signature[last - 1] ?? 0)) % SLOTS;
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
 * another hash or purpose must not be asked.
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
