/**
 * Conditions for `check`: who is allowed.
 *
 * @module postern/checks
 */

export { allowCustom, every, some } from "./conditions.ts";
export { allowEmails } from "./emails.ts";
export {
  allowLiveSession,
  type LiveSessionCheck,
  type LiveSessionOptions,
} from "./live-session.ts";
export {
  type AccessCheck,
  allowServices,
  allowUsers,
  type PrincipalCheck,
  type TeamOption,
} from "./principals.ts";
