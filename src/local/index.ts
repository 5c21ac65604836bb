export type { HostileOptions, HostileToken } from "../testing/index.ts";
export type { ServiceToken } from "./edge.ts";
export type { LocalAccessOptions } from "./options.ts";
export { type LocalAccess, startLocalAccess } from "./server.ts";
