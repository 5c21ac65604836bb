/**
 * An issuer and hostile tokens, for tests of your own door.
 *
 * @module postern/testing
 */

export type { CertifiedKey, CertsDocument } from "./certs.ts";
export type { ClaimOverrides } from "./claims.ts";
export type { HostileOptions, HostileToken } from "./hostile-tokens.ts";
export { createPrivateJwk, type PrivateJwk, type PublicJwk } from "./signing-key.ts";
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
} from "./test-issuer.ts";
