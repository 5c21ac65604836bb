import { isJsonObject } from "../encoding/json.ts";
import { printable } from "../errors.ts";
import { own } from "../own.ts";
import type { DeepReadonly, JwtHeader } from "../token/types.ts";
import {
  importMembers,
  type ReadJwk,
  type RsaPublicMembers,
  readJwk,
  type VerificationKey,
} from "./jwk.ts";

/** What a caller brings along when it looks for a key. */
export interface KeyLookup {
  /** Releases this caller only; a shared fetch goes on. */
  signal?: AbortSignal | undefined;
  /** Where a runtime ends work with its request, keeps a refresh alive behind the response. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** The token's own, unverified `iat` in ms since the epoch. */
  issuedAt?: number | undefined;
}

/** A header as a key set sees it: its signature is not verified yet. */
export type LookupHeader = DeepReadonly<JwtHeader>;

/** What a verifier depends on; anyone can write one. */
export interface KeySet {
  /**
   * The keys under the header's `kid`, or every key when it has none. May wait.
   *
   * @returns an empty array when there is no such key
   * @throws {KeySetError} when it cannot tell
   */
  find(header: LookupHeader, lookup?: KeyLookup): Promise<readonly VerificationKey[]>;
  /**
   * The same without waiting; may start a refresh behind. An empty array when the kid is unknown or
   * no longer trusted. Without this method accepted tokens are not remembered.
   */
  known?(header: LookupHeader, lookup?: KeyLookup): readonly VerificationKey[];
  /** Resolves when there are usable keys. */
  prefetch?(lookup?: KeyLookup): Promise<void>;
  /**
   * Called when no key verified a token whose claims would pass: the issuer may have replaced a key
   * under the same kid. May start a refresh behind; must not do so for each such token.
   */
  revalidate?(lookup?: KeyLookup): void;
}

/**
 * What a static set knows before its keys are imported. It waits for nothing but that, so its first
 * verdict is reached like every later one.
 */
export const NOT_LOADED: readonly VerificationKey[] = [];

/** An imported key with the members it came from, so that a later set can keep it. */
export interface ImportedKey extends VerificationKey, RsaPublicMembers {
  readonly kid: string | undefined;
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
      const cryptoKey = kept?.cryptoKey ?? (await importMembers({ kid, n, e }));
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
