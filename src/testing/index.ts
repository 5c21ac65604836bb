/**
 * A test issuer and hostile tokens, to test how your application checks tokens.
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
