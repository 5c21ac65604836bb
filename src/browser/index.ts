/**
 * Functions for a single-page application whose session ends.
 *
 * @module postern/browser
 */

export {
  type AccessFetchOptions,
  createAccessFetch,
  isSessionEnd,
  SessionEndedError,
} from "./fetch.ts";
export { type LogInOptions, logIn } from "./log-in.ts";
