// `postern/testing` without the knock, for folders that may not import `knock`.

export type { CertifiedKey, CertsDocument } from "./certs.ts";
export type { ClaimOverrides } from "./claims.ts";
export type { HostileOptions, HostileToken } from "./hostile-tokens.ts";
export { createPrivateJwk, type PrivateJwk, type PublicJwk } from "./signing-key.ts";
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
} from "./test-issuer.ts";
