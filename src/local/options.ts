import {
  booleanOption,
  mistake,
  numberOption,
  readOptions,
  refuseWrapped,
} from "../caller-mistakes.ts";
import { isLoopback, secureUrl } from "../http/secure-url.ts";
import { sha256Hex } from "./digest.ts";
import { isEmail } from "./person.ts";

/** Which application Local Access protects, and under which name. */
export interface LocalAccessOptions {
  /** The application: an http origin on a loopback host, `"http://127.0.0.1:3000"`. */
  target: string | URL;
  /** Where to listen on 127.0.0.1; 0 takes any free port. 8788 */
  port?: number | undefined;
  /** The name that the log-in page shows. "local" */
  team?: string | undefined;
  /**
   * The AUD tag of its tokens, or several where several applications of Access guard one host: the first
   * is in force, and the controls choose another. Made from the target, so that it outlives a restart.
   */
  audience?: string | readonly string[] | undefined;
  /** The person that the log-in page offers first. "ada@example.com" */
  email?: string | undefined;
  /**
   * Whether a request with service credentials gets 401 and no cookie, as organisations made since
   * October 2026 have it. Without it, a wrong secret leads to the log-in page, and a right one brings a
   * cookie. `true`
   */
  strictServiceTokens?: boolean | undefined;
  /** Whether every `OPTIONS` request reaches the application, without a token. `false` */
  bypassOptionsRequests?: boolean | undefined;
  /** Whether programs get a 401 with a Bearer challenge in place of the log-in page. `false` */
  managedOAuth?: boolean | undefined;
}

/** All options, checked and copied. */
export interface Settled {
  readonly target: URL;
  readonly port: number;
  readonly team: string;
  /** The first is in force at the start. */
  readonly audiences: readonly [first: string, ...others: string[]];
  readonly email: string;
  readonly strictServiceTokens: boolean;
  readonly bypassOptionsRequests: boolean;
  readonly managedOAuth: boolean;
}

const NAMES = [
  "target",
  "port",
  "team",
  "audience",
  "email",
  "strictServiceTokens",
  "bypassOptionsRequests",
  "managedOAuth",
] as const satisfies readonly (keyof LocalAccessOptions)[];

/**
 * Checks and copies all that the emulator is told, once.
 *
 * @throws {TypeError | RangeError} for the first mistake, in one sentence
 */
export function settle(given: LocalAccessOptions): Settled {
  const options = readOptions<LocalAccessOptions>(given, NAMES);
  const target = targetOrigin(options.target);
  const port = numberOption("port", options.port ?? 8788, [0, 65535]);
  if (!Number.isInteger(port)) throw new RangeError("port must be a whole number");
  const { email = "ada@example.com", strictServiceTokens = true } = options;
  if (!isEmail(email)) throw mistake("email", "an email address", email);
  return {
    target,
    port,
    team: textOption("team", options.team, "local"),
    audiences: tags(options.audience, sha256Hex(`audience of ${target.origin}`)),
    email,
    strictServiceTokens: booleanOption("strictServiceTokens", strictServiceTokens),
    bypassOptionsRequests: booleanOption("bypassOptionsRequests", options.bypassOptionsRequests),
    managedOAuth: booleanOption("managedOAuth", options.managedOAuth),
  };
}

function tags(value: unknown, fallback: string): readonly [string, ...string[]] {
  const given = Array.isArray(value) ? value.map((tag) => tag ?? "") : [value];
  const [first, ...others] = given.map((tag) => {
    const text = textOption("audience", tag, fallback);
    // The application would be told another one.
    refuseWrapped("audience", text, false);
    return text;
  });
  if (first === undefined) throw mistake("audience", "one AUD tag or several", value);
  return [first, ...others];
}

function targetOrigin(value: unknown): URL {
  const expected = 'an http origin on a loopback host, like "http://127.0.0.1:3000"';
  if (typeof value !== "string" && !(value instanceof URL))
    throw mistake("target", expected, value);
  let url: URL;
  try {
    url = secureUrl("target", value);
  } catch {
    throw mistake("target", expected, value);
  }
  // A remote application would get tokens that anyone can have.
  if (url.protocol !== "http:" || !isLoopback(url) || url.href !== `${url.origin}/`) {
    throw mistake("target", expected, value);
  }
  return url;
}

function textOption(option: string, value: unknown, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value !== "string" || !/^[\x20-\x7e]{1,128}$/.test(value)) {
    throw mistake(option, "a string of 1 to 128 printable characters", value);
  }
  return value;
}
