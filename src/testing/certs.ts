import type { JwkSet } from "../keys/jwk.ts";
import type { PublicJwk, SigningKey } from "./signing-key.ts";

/** What the certs endpoint of Access answers. Only `keys` is meant for programs that verify. */
export interface CertsDocument extends JwkSet {
  readonly keys: readonly PublicJwk[];
  /** The current key's, or whichever was when somebody last looked. */
  readonly public_cert: CertifiedKey;
  readonly public_certs: readonly CertifiedKey[];
}

/** A key once more, as a self-signed certificate in PEM. */
export interface CertifiedKey {
  readonly kid: string;
  readonly cert: string;
}

/** The document as it is published: fresh objects, so that a test may spoil them. */
export function certsDocument(keys: readonly SigningKey[], current: SigningKey): CertsDocument {
  return {
    keys: keys.map(({ publicJwk }) => ({ ...publicJwk })),
    public_cert: certified(current),
    public_certs: keys.map(certified),
  };
}

function certified({ kid, certificate }: SigningKey): CertifiedKey {
  return { kid, cert: certificate };
}
