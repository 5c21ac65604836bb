import { mistake, refuseWrapped } from "../caller-mistakes.ts";
import { printable } from "../errors.ts";
import { isLoopback } from "../http/secure-url.ts";

/** The addresses of a Cloudflare Access team. */
export interface AccessTeam {
  /** The team name, "acme"; for Local Access its host and port. */
  readonly name: string;
  /** The `iss` of its tokens: an origin without a trailing slash. */
  readonly issuer: string;
  /** Its JWK set. */
  readonly certsUrl: string;
  /** The identity endpoint: who a session belongs to. */
  readonly identityUrl: string;
  /** Ends the session. */
  readonly logoutUrl: string;
}

/** The path of the document about what guards a path, which follows it (RFC 9728 section 3.1). */
export const METADATA_PATH: string = "/.well-known/cloudflare-access-protected-resource";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NAME = new RegExp(`^${LABEL}$`);
const HOST = new RegExp(`^(?:https://)?((${LABEL})(?:\\.fed)?\\.cloudflareaccess\\.com)$`);

/**
 * The addresses of a Cloudflare Access team.
 *
 * @param team `"acme"`, `"acme.cloudflareaccess.com"`, `"https://acme.cloudflareaccess.com"`,
 * `"acme.fed.cloudflareaccess.com"`, or a loopback origin with a port, `"http://127.0.0.1:8788"`
 * @throws {TypeError} for anything else, in one sentence
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 *
 * @example
 * ```ts
 * import { accessTeam } from "postern";
 *
 * const { certsUrl, logoutUrl } = accessTeam("acme");
 * ```
 */
export function accessTeam(team: string | URL): AccessTeam {
  // Host names ignore case (RFC 4343); an origin may be written with the slash of its empty path. Text
  // before the scheme is refused below.
  const text = asText(team)
    .toLowerCase()
    .replace(/^(https?:\/\/[^/]+)\/$/, "$1");
  if (NAME.test(text)) return addresses(text, `https://${text}.cloudflareaccess.com`);
  const host = HOST.exec(text);
  if (host !== null) return addresses(host[2] as string, `https://${host[1]}`);
  if (isLoopbackOrigin(text)) return addresses(new URL(text).host, text);
  if (typeof team === "string") refuseWrapped("team", team, true);
  const base = /^(?:https?:\/\/)?[^/?#]+(?=[/?#])/.exec(text)?.[0];
  if (base !== undefined && (NAME.test(base) || HOST.test(base) || isLoopbackOrigin(base))) {
    throw new TypeError(`team must be given without "${printable(text.slice(base.length))}"`);
  }
  const expected =
    'a team name like "acme", its origin "https://acme.cloudflareaccess.com" or a loopback origin with a port';
  if (text !== "") throw new TypeError(`team must be ${expected}, got another string`);
  throw mistake("team", expected, team);
}

/** Whether an issuer is Local Access, an emulator on this machine: its tokens prove nothing. */
export function isLoopbackOrigin(text: string): boolean {
  // The pattern leaves nothing for the parser to reinterpret but the numbers' range.
  if (!/^https?:\/\/[\w.[\]:-]+:\d{1,5}$/.test(text)) return false;
  try {
    return isLoopback(new URL(text));
  } catch {
    return false;
  }
}

function asText(team: unknown): string {
  return typeof team === "string" ? team : String((team as URL | undefined)?.href ?? "");
}

function addresses(name: string, issuer: string): AccessTeam {
  const access = `${issuer}/cdn-cgi/access/`;
  return {
    name,
    issuer,
    certsUrl: `${access}certs`,
    identityUrl: `${access}get-identity`,
    logoutUrl: `${access}logout`,
  };
}
