import type { Jwk, JwkSet } from "../keys/jwk-set.ts";
import type { PublicJwk, SigningKey } from "./signing-key.ts";

/** The answer of the certs endpoint of Access. To verify tokens, use only `keys`. */
export interface CertsDocument extends JwkSet {
  readonly keys: readonly PublicJwk[];
  /** The certificate of one key, usually the current one. */
  readonly public_cert: CertifiedKey;
  readonly public_certs: readonly CertifiedKey[];
}

/** A key as a self-signed certificate in PEM. */
export interface CertifiedKey {
  readonly kid: string;
  readonly cert: string;
}

/** Builds the published document from new objects, so that a test can change them. */
export function certsDocument(
  keys: readonly SigningKey[],
  current: SigningKey,
  decoys: readonly Jwk[] = [],
): CertsDocument {
  const all = [
    ...decoys.slice(0, 2),
    ...keys.map(({ publicJwk }) => publicJwk),
    ...decoys.slice(2),
  ];
  return {
    // Decoys lack some members of the type, but they are there only on request.
    keys: all.map((jwk) => ({ ...jwk }) as PublicJwk),
    public_cert: certified(current),
    public_certs: keys.map(certified),
  };
}

function certified({ kid, certificate }: SigningKey): CertifiedKey {
  return { kid, cert: certificate };
}
