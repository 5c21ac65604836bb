/**
 * Guards h3, Nitro and Nuxt.
 *
 * @module postern/h3
 */

export {
  type GuardedUpgrade,
  guardUpgrade,
  type UpgradeAdmission,
  type UpgradeRequestLike,
} from "./crossws.ts";
export type { AccessOptions, PrivateOptions, RequestVerifier } from "./gate.ts";
export { type H3EventLike, type NodeRequestLike, requireAccess } from "./h3-middleware.ts";
export { accessPlugin, type NitroRequestLike } from "./nitro.ts";
export type { OriginOptions } from "./origins.ts";
export type { PublicPaths } from "./public-paths.ts";
