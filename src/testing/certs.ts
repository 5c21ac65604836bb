import type { Jwk, JwkSet } from "../keys/jwk-set.ts";
import type { PublicJwk, SigningKey } from "./signing-key.ts";

/** What the certs endpoint of Access answers. Only `keys` is meant for programs that verify. */
export interface CertsDocument extends JwkSet {
  readonly keys: readonly PublicJwk[];
  /** The current key's, or the one of the last look. */
  readonly public_cert: CertifiedKey;
  readonly public_certs: readonly CertifiedKey[];
}

/** A key once more, as a self-signed certificate in PEM. */
export interface CertifiedKey {
  readonly kid: string;
  readonly cert: string;
}

/** The document as it is published: fresh objects, so that a test may spoil them. */
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
    // The type is that of the usual set: decoys are there only on request, and lack members.
    keys: all.map((jwk) => ({ ...jwk }) as PublicJwk),
    public_cert: certified(current),
    public_certs: keys.map(certified),
  };
}

function certified({ kid, certificate }: SigningKey): CertifiedKey {
  return { kid, cert: certificate };
}
