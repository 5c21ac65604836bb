import { mistake } from "../caller-mistakes.ts";
import { asKeySetError, KeySetError } from "../errors.ts";
import type { VerificationKey } from "../keys/jwk.ts";
import type { LookupHeader } from "../keys/key-set.ts";
import type { CallOptions } from "./options.ts";
import type { Entry } from "./settle-entry.ts";

/** What a key set answers: anyone can write one, so it is checked to be a list. */
export type Keys = readonly VerificationKey[];

/** The keys that are known without waiting. */
export function knownKeys({ keys }: Entry, header: LookupHeader, call: CallOptions): Keys {
  try {
    return asKeys(keys.known?.(header, call) ?? [], "known()");
  } catch (error) {
    throw asKeySetError(error);
  }
}

/** Not an async function: those keep their arguments while they wait. */
export function findKeys(
  { keys }: Entry,
  header: LookupHeader,
  iat: unknown,
  { signal, waitUntil }: CallOptions,
): Promise<Keys> {
  const issuedAt = typeof iat === "number" ? iat * 1000 : undefined;
  // What a key set throws at once is a rejection, too.
  return new Promise((resolve) => resolve(keys.find(header, { signal, waitUntil, issuedAt })))
    .then((found) => asKeys(found, "find()"))
    .catch((error) => {
      throw asKeySetError(error);
    });
}

function asKeys(found: unknown, method: string): Keys {
  if (Array.isArray(found)) return found;
  throw new KeySetError("jwks_malformed", { cause: mistake(method, "an array of keys", found) });
}
