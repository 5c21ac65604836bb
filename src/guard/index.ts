/**
 * The guard in front of an origin in any language, as a forward-auth endpoint or as a reverse proxy.
 *
 * @module postern/guard
 */

export type { IdentityHeaders } from "../adapters/identity-headers.ts";
export type { AllowOptions } from "./allow.ts";
export type { AppOptions, GuardOptions } from "./options.ts";
export { type Guard, startGuard } from "./server.ts";
