/**
 * Verifies Cloudflare Access tokens, and tokens of any RS256 issuer, at the origin.
 *
 * @module postern
 */

export type { AccessPayload, VerifiedAccessToken } from "./access/access-token.ts";
export {
  type AccessIdentity,
  type GetIdentityOptions,
  getIdentity,
} from "./access/identity.ts";
export { IdentityError, type IdentityErrorCode } from "./access/identity-error.ts";
export type { Principal } from "./access/principal.ts";
export {
  type GatewayEvent,
  type HeadersLike,
  type PlainHeaders,
  type RequestLike,
  readAccessToken,
} from "./access/request.ts";
export { type AccessTeam, accessTeam } from "./access/team.ts";
export type { JsonObject } from "./encoding/json.ts";
export {
  type HttpErrorCode,
  isKeySetError,
  isTokenError,
  KeySetError,
  type KeySetErrorCode,
  type KeySetErrorDetails,
  TokenError,
  type TokenErrorCode,
  type TokenErrorDetails,
} from "./errors.ts";
export type { FetchInit, FetchLike, ResponseLike } from "./http/bounded-fetch.ts";
export { type DiscoveryOptions, discoverKeySet } from "./keys/discovery.ts";
export type { EventListener, PosternEvent, RefreshCause } from "./keys/events.ts";
export type { FetchedKeySet, KeySetFetcher, KeySetRequest } from "./keys/fetch-key-set.ts";
export { importJwk, jwkThumbprint } from "./keys/import-jwk.ts";
export type { VerificationKey, VerifyCryptoKey } from "./keys/jwk.ts";
export type { Jwk, JwkSet } from "./keys/jwk-set.ts";
export type { KeyLookup, KeySet, LookupHeader } from "./keys/key-set.ts";
export { jwkToPem } from "./keys/pem.ts";
export type { Standing } from "./keys/refresh-policy.ts";
export { createRemoteKeySet, type KeySetState, type RemoteKeySet } from "./keys/remote-key-set.ts";
export type { RemoteKeySetOptions } from "./keys/remote-options.ts";
export { createStaticKeySet, type StaticKeySetOptions } from "./keys/static-key-set.ts";
export { decodeUnverified } from "./token/decode-unverified.ts";
export type { DeepReadonly, JwtHeader, JwtPayload, VerifiedToken } from "./token/types.ts";
export type {
  CallOptions,
  Check,
  EntryOptions,
  IssuerOptions,
  SafeResult,
  SharedOptions,
  TeamOptions,
  Verifier,
} from "./verify/options.ts";
export { createVerifier } from "./verify/verifier.ts";
