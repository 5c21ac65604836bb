import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { KeySetError } from "../errors.ts";
import { settlesInTime } from "../http/patience.ts";
import { type EventListener, quietly } from "./events.ts";
import { importKeys, type JwkSet, KeyRing, readJwkSet, type SkippedEntry } from "./jwk-set.ts";
import { type KeySet, NOT_LOADED } from "./key-set.ts";

/** What a static key set may tell. */
export interface StaticKeySetOptions {
  /** Takes `key_skipped` events. */
  onEvent?: EventListener | undefined;
}

/**
 * A key set that never changes: keys that were pinned, or delivered by other means.
 *
 * @param jwks a JWK set (RFC 7517 section 5); entries that cannot verify RS256 are passed over
 * @throws {TypeError} when it is not a JWK set, or when no entry is usable; the message says why each
 * entry was passed over
 *
 * @example
 * ```ts
 * import { createStaticKeySet, createVerifier, type JwkSet } from "postern";
 *
 * declare const pinned: JwkSet;
 * const verifier = createVerifier({
 *   issuer: "https://issuer.example",
 *   audience: "my-api",
 *   keys: createStaticKeySet(pinned),
 * });
 * ```
 */
export function createStaticKeySet(jwks: JwkSet, options: StaticKeySetOptions = {}): KeySet {
  const { onEvent } = readOptions<StaticKeySetOptions>(options, ["onEvent"]);
  functionOptions({ onEvent }, ["onEvent"]);
  const emit = quietly(onEvent);
  const read = readJwkSet(jwks);
  if (read === undefined) {
    throw mistake("keys", 'a JWK set, an object with an array "keys"', jwks);
  }
  const { usable, skipped } = read;
  if (usable.length === 0) {
    const reasons = skipped.map(({ reason }, index) => `keys[${index}]: ${reason}`).join("; ");
    throw new TypeError(
      `keys must hold an RSA public key for RS256, got ${reasons || "an empty set"}`,
    );
  }
  let cause: unknown;
  const report = (entry: SkippedEntry): void => {
    cause = entry.cause;
    emit({ type: "key_skipped", kid: entry.kid, reason: entry.reason });
  };
  skipped.forEach(report);
  let ring: KeyRing | undefined;
  const importAll = async (): Promise<KeyRing> => {
    const imported = await importKeys(usable, [], report);
    ring ??= new KeyRing(imported);
    return ring;
  };
  let importing: Promise<KeyRing> | undefined;
  const load = async (): Promise<KeyRing> => {
    if (ring === undefined) {
      importing ??= importAll();
      await settlesInTime(importing);
    }
    // The promise that was waited for can have died with the request that made it.
    ring ??= await importAll();
    if (ring.keys.length === 0) throw new KeySetError("no_usable_keys", { cause });
    return ring;
  };
  return {
    async find(header) {
      return (await load()).select(header);
    },
    known(header) {
      return ring?.select(header) ?? NOT_LOADED;
    },
    async prefetch() {
      await load();
    },
  };
}
