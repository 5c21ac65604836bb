import type { ClaimOverrides } from "../testing/claims.ts";
import type { Forge } from "../testing/hostile/forge.ts";
import type { PublicJwk, SigningKey } from "../testing/signing-key.ts";

/** Whose tokens are forged. */
export interface Victim {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The certs document of the team, `undefined` when it is not available. */
  readonly certs: unknown;
  /** Whose e-mail address a forgery names. */
  readonly email: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** The claims of a genuine token, if there is one. */
  readonly genuineClaims?: ClaimOverrides | undefined;
  /** Where a door on this machine could fetch the attacker's keys. */
  readonly listener?: Listener | undefined;
}

/** A server that hands out the attacker's public key, or certificate, under every path. */
export interface Listener {
  readonly url: string;
  serve(key: PublicJwk, certificate: string): void;
}

/** What every family of forgeries is made of. */
export interface Making {
  readonly claims: ClaimOverrides;
  readonly header: ClaimOverrides;
  readonly attacker: SigningKey;
  readonly stranger: string;
  readonly forge: Forge;
}
