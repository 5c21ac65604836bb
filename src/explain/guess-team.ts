import { type AccessTeam, accessTeam } from "../access/team.ts";
import { UsageError } from "./usage-error.ts";

/** The team that the person meant, and a note on what was changed in the input. */
export interface GuessedTeam extends AccessTeam {
  readonly note?: string | undefined;
}

const PLACEHOLDER =
  /^(?:<.*>|\[.*\]|\{.*\}|\$.*|%.*%|your[-_ ].*|.*[-_](?:here|placeholder)|team[-_ ](?:name|domain)|policy[-_]aud|aud(?:[-_]tag)?|x{3,}|\.{3}|…|undefined|null|changeme|todo)$/i;

/** Whether a value looks like a placeholder that was not replaced. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.trim());
}

/**
 * Guesses the team from a name, a host, or a URL of the log-in page or of the certs endpoint.
 *
 * @throws {UsageError} when it is none of these
 */
export function guessTeam(given: string): GuessedTeam {
  const text = given.trim().replace(/^(["'])(.*)\1$/, "$2");
  const exact = teamOf(text);
  if (exact !== undefined) {
    return isPlaceholder(text) ? { ...exact, note: "the team looks like a placeholder" } : exact;
  }
  if (isPlaceholder(text)) {
    throw new UsageError(`The team looks like a placeholder that was not replaced. ${WHERE}`);
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

const WHERE = "Find it in the address of the log-in page, or in Zero Trust under Settings.";

function teamOf(text: string): AccessTeam | undefined {
  try {
    return accessTeam(text);
  } catch {
    return undefined;
  }
}

/** The origin of a URL, with or without its protocol. */
function originOf(text: string): string | undefined {
  const isLoopback = /^(?:https?:\/\/)?(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i.test(text);
  const url = /^[a-z]+:\/\//i.test(text) ? text : `${isLoopback ? "http" : "https"}://${text}`;
  try {
    const { protocol, host, origin } = new URL(url);
    // Access uses only https, so http in the input is a mistake.
    return isLoopback ? origin : protocol.startsWith("http") ? `https://${host}` : undefined;
  } catch {
    return undefined;
  }
}

/** The part to leave out next time. A path is quoted only if it is simple, because it may contain a token. */
function surplus(text: string): string {
  const [, path = ""] = /^(?:[a-z]+:\/\/)?[^/?#]+(.*)$/is.exec(text) ?? [];
  if (path === "" || path === "/") return "";
  return `: leave out ${/^\/[a-z/-]{1,40}$/.test(path) ? path : "everything after the host"}`;
}

/** Why a text does not look like an AUD tag, in half a sentence; `undefined` when it does. */
export function oddAudience(tag: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(tag)) return undefined;
  if (/["'`]/.test(tag)) return "it contains quotes";
  if (/\s/.test(tag)) return "it contains white space";
  if (isPlaceholder(tag)) return "it looks like a placeholder that was not replaced";
  if (/^https?:\/\/|\.[a-z]{2,}$/i.test(tag)) return "it is an address, not an AUD tag";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tag)) {
    return "it is the application's id, not its AUD tag";
  }
  if (/^[0-9A-F]{64}$/i.test(tag)) return "an AUD tag is in lower case";
  return `it has ${tag.length} characters, but an AUD tag of Access is 64 hexadecimal digits`;
}
