import type { ClaimOverrides } from "../testing/claims.ts";
import type { Forge } from "../testing/hostile/forge.ts";
import type { PublicJwk, SigningKey } from "../testing/signing-key.ts";

/** The team and application whose tokens are forged. */
export interface Victim {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The certs document of the team; `undefined` when it cannot be fetched. */
  readonly certs: unknown;
  /** The e-mail address in the forgeries. */
  readonly email: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** The claims of a genuine token, if there is one. */
  readonly genuineClaims?: ClaimOverrides | undefined;
  /** The server where an application on this machine could fetch the attacker's keys. */
  readonly listener?: Listener | undefined;
}

/** A server that returns the attacker's public key or certificate for every path. */
export interface Listener {
  readonly url: string;
  serve(key: PublicJwk, certificate: string): void;
}

/** The parts from which all forgeries are made. */
export interface Making {
  readonly claims: ClaimOverrides;
  readonly header: ClaimOverrides;
  readonly attacker: SigningKey;
  readonly stranger: string;
  readonly forge: Forge;
}
