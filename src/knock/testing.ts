/**
 * A test issuer, hostile tokens and a knock, to test how your application uses tokens.
 *
 * @module postern/testing
 */

export type { CertifiedKey, CertsDocument } from "../testing/certs.ts";
export type { ClaimOverrides } from "../testing/claims.ts";
export type { HostileOptions, HostileToken } from "../testing/hostile-tokens.ts";
export { createPrivateJwk, type PrivateJwk, type PublicJwk } from "../testing/signing-key.ts";
export {
  createTestIssuer,
  type TestIssuer,
  type TestIssuerOptions,
} from "../testing/test-issuer.ts";
export type { FetchHandler } from "./fetch-carrier.ts";
export { describeKnock, type KnockOptions, knock } from "./knock.ts";
export type { Family, KnockReport, KnockResult, Outcome, Verdict } from "./types.ts";
