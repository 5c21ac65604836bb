import { isJsonObject } from "../encoding/json.ts";
import { printable } from "../errors.ts";
import { own } from "../own.ts";
import { importMembers, type ReadJwk, readJwk, type VerificationKey } from "./jwk.ts";
import type { LookupHeader } from "./key-set.ts";

/** A JSON Web Key (RFC 7517 section 4); of these only RSA keys for RS256 are ever used. */
export interface Jwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly [member: string]: unknown;
}

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface JwkSet {
  readonly keys: readonly Jwk[];
  readonly [member: string]: unknown;
}

/** An imported key with the members it came from, so that a later set can keep it. */
export interface ImportedKey extends VerificationKey {
  readonly n: string;
  readonly e: string;
}

/** An entry that was passed over, and why. */
export interface SkippedEntry {
  readonly kid: string | undefined;
  readonly reason: string;
  /** What the engine threw at an import. */
  readonly cause?: unknown;
}

/** Imported keys, found by kid in constant time. */
export class KeyRing {
  readonly keys: readonly ImportedKey[];
  readonly byKid: ReadonlyMap<string, readonly ImportedKey[]>;

  constructor(keys: readonly ImportedKey[]) {
    this.keys = keys;
    const byKid = new Map<string, ImportedKey[]>();
    for (const key of keys) {
      // A token's kid never matches an entry without one.
      if (key.kid === undefined) continue;
      const group = byKid.get(key.kid);
      if (group === undefined) byKid.set(key.kid, [key]);
      else group.push(key);
    }
    this.byKid = byKid;
  }

  /** Several entries under one kid are each a candidate; without a kid, every key is. */
  select(header: Pick<LookupHeader, "kid">): readonly ImportedKey[] {
    const kid = own(header, "kid") as string | undefined;
    return kid === undefined ? this.keys : (this.byKid.get(kid) ?? []);
  }
}

/**
 * Reads the usable entries of a JWK set; one bad entry never spoils the others.
 *
 * @returns `undefined` when the value is not a JWK set at all (RFC 7517 section 5)
 */
export function readJwkSet(
  jwks: unknown,
): { usable: ReadJwk[]; skipped: SkippedEntry[] } | undefined {
  const entries = isJsonObject(jwks) ? own(jwks, "keys") : undefined;
  if (!Array.isArray(entries)) return undefined;
  const usable: ReadJwk[] = [];
  const skipped: SkippedEntry[] = [];
  for (const entry of entries as unknown[]) {
    const read = readJwk(entry);
    if (typeof read !== "string") usable.push(read);
    else skipped.push({ kid: kidOf(entry), reason: read });
  }
  return { usable, skipped };
}

/** Imports entries, keeping the CryptoKey of every one whose material was held before. */
export async function importKeys(
  entries: readonly ReadJwk[],
  held: readonly ImportedKey[],
  onSkipped: (entry: SkippedEntry) => void,
): Promise<ImportedKey[]> {
  const imported: ImportedKey[] = [];
  for (const { kid, n, e, modulus } of entries) {
    const isSame = (key: ImportedKey): boolean => key.kid === kid && key.n === n && key.e === e;
    if (imported.some(isSame)) continue;
    const kept = held.find(isSame);
    try {
      const cryptoKey = kept?.cryptoKey ?? (await importMembers({ n, e }));
      imported.push(kept ?? { kid, n, e, cryptoKey, modulus });
    } catch (cause) {
      onSkipped({ kid: printable(kid), reason: "not importable", cause });
    }
  }
  return imported;
}

function kidOf(entry: unknown): string | undefined {
  const kid = isJsonObject(entry) ? own(entry, "kid") : undefined;
  return typeof kid === "string" ? printable(kid) : undefined;
}
