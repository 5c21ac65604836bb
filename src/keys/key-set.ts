import type { DeepReadonly, JwtHeader } from "../token/types.ts";
import type { VerificationKey } from "./jwk.ts";

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
   * no longer trusted. Without this method accepted tokens are not remembered. It must not be async: a
   * promise in place of the array is `jwks_malformed`.
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
 * What a static set knows before its keys are imported. It waits only for the import, so its
 * first verdict is reached like every later one.
 */
export const NOT_LOADED: readonly VerificationKey[] = [];
