/**
 * Local Access: an emulator of Cloudflare Access for development. Node only.
 *
 * @module postern/local
 */

export type { HostileOptions, HostileToken } from "../testing/index.ts";
export type { LocalAccessOptions } from "./options.ts";
export { type LocalAccess, startLocalAccess } from "./server.ts";
export type { ServiceToken } from "./service-credentials.ts";
