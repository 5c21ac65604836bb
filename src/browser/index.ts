export {
  type AccessFetchOptions,
  createAccessFetch,
  isSessionEnd,
  SessionEndedError,
} from "./fetch.ts";
export { type LogInOptions, logIn } from "./log-in.ts";
