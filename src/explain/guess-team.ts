import { type AccessTeam, accessTeam } from "../access/team.ts";
import { UsageError } from "./usage-error.ts";

/** A team as the person meant it, and what had to be taken away. */
export interface GuessedTeam extends AccessTeam {
  readonly note?: string | undefined;
}

const PLACEHOLDER =
  /^(?:<.*>|\[.*\]|\{.*\}|\$.*|%.*%|your[-_ ].*|.*[-_](?:here|placeholder)|team[-_ ](?:name|domain)|policy[-_]aud|aud(?:[-_]tag)?|x{3,}|\.{3}|…|undefined|null|changeme|todo)$/i;

/** Whether a value was never filled in. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.trim());
}

/**
 * The team that is meant: a name, a host, a URL of the log-in page or of the certs endpoint.
 *
 * @throws {UsageError} when it can be none
 */
export function guessTeam(given: string): GuessedTeam {
  const text = given.trim().replace(/^(["'])(.*)\1$/, "$2");
  const exact = teamOf(text);
  if (exact !== undefined) {
    return isPlaceholder(text) ? { ...exact, note: "the team looks like a placeholder" } : exact;
  }
  if (isPlaceholder(text)) {
    throw new UsageError(`The team looks like a placeholder that was never filled in. ${WHERE}`);
  }
  const origin = originOf(text);
  const guessed = origin === undefined ? undefined : teamOf(origin);
  if (guessed !== undefined) {
    return { ...guessed, note: `took ${guessed.issuer} as the team${surplus(text)}` };
  }
  throw new UsageError(
    `A team is a name like "acme", or its host "acme.cloudflareaccess.com". ${WHERE}`,
  );
}

const WHERE = "It is in the address of the log-in page, and in Zero Trust under Settings.";

function teamOf(text: string): AccessTeam | undefined {
  try {
    return accessTeam(text);
  } catch {
    return undefined;
  }
}

/** The origin of a URL or of something that lacks only the protocol. */
function originOf(text: string): string | undefined {
  const isLoopback = /^(?:https?:\/\/)?(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i.test(text);
  const url = /^[a-z]+:\/\//i.test(text) ? text : `${isLoopback ? "http" : "https"}://${text}`;
  try {
    const { protocol, host, origin } = new URL(url);
    // Access is on https only; who writes http: copied it from somewhere.
    return isLoopback ? origin : protocol.startsWith("http") ? `https://${host}` : undefined;
  } catch {
    return undefined;
  }
}

/** What to leave out next time. A path that is no plain one is not quoted: it may hold a token. */
function surplus(text: string): string {
  const [, path = ""] = /^(?:[a-z]+:\/\/)?[^/?#]+(.*)$/is.exec(text) ?? [];
  if (path === "" || path === "/") return "";
  return `: leave out ${/^\/[a-z/-]{1,40}$/.test(path) ? path : "what follows the host"}`;
}

/** What is odd about an AUD tag, in half a sentence; `undefined` when nothing is. */
export function oddAudience(tag: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(tag)) return undefined;
  if (/["'`]/.test(tag)) return "there are quotes in it";
  if (/\s/.test(tag)) return "there is white space in it";
  if (isPlaceholder(tag)) return "it looks like a placeholder that was never filled in";
  if (/^https?:\/\/|\.[a-z]{2,}$/i.test(tag)) return "it is an address, and an AUD tag is none";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tag)) {
    return "it is an id of the application, and the AUD tag is another one";
  }
  if (/^[0-9A-F]{64}$/i.test(tag)) return "an AUD tag is in lower case";
  return "an AUD tag of Access is 64 hexadecimal digits";
}
