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

/** Options of Local Access. */
export interface LocalAccessOptions {
  /** The application: an http origin on a loopback host, `"http://127.0.0.1:3000"`. */
  target: string | URL;
  /** The port on 127.0.0.1; 0 takes any free port. @defaultValue `8788` */
  port?: number | undefined;
  /** The name on the log-in page. @defaultValue `"local"` */
  team?: string | undefined;
  /**
   * The AUD tag of its tokens, or several, if several applications of Access share one host. It starts
   * with the first one, and the controls can choose another.
   *
   * @defaultValue a tag made from `target`, so that it is the same after a restart
   */
  audience?: string | readonly string[] | undefined;
  /** The first user that the log-in page offers. @defaultValue `"ada@example.com"` */
  email?: string | undefined;
  /**
   * `true`: wrong service credentials get a 401, and correct ones get no cookie, as in organisations
   * created since October 2026. `false`: a wrong secret redirects to the log-in page, and a correct one
   * gets a cookie.
   *
   * @defaultValue `true`
   */
  strictServiceTokens?: boolean | undefined;
  /** Whether every `OPTIONS` request reaches the application without a token. @defaultValue `false` */
  bypassOptionsRequests?: boolean | undefined;
  /** Whether programs get a 401 with a Bearer challenge instead of the log-in page. @defaultValue `false` */
  managedOAuth?: boolean | undefined;
}

/** All options, checked and copied. */
export interface Settled {
  readonly target: URL;
  readonly port: number;
  readonly team: string;
  /** The first one is in use at the start. */
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
 * Checks and copies the options.
 *
 * @throws {TypeError | RangeError} when an option is wrong; the message is one sentence
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
    // The application would be configured with another tag.
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
  // Anyone can get these tokens, so a remote application must not accept them.
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
