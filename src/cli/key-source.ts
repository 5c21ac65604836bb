import { isJsonObject, type JsonObject, parseJsonObject } from "../encoding/json.ts";
import { KeySetError } from "../errors.ts";
import { guessTeam } from "../explain/guess-team.ts";
import { UsageError } from "../explain/usage-error.ts";
import { within } from "../http/bounded-fetch.ts";
import { secureUrl } from "../http/secure-url.ts";
import { fetchKeySet } from "../keys/fetch-key-set.ts";
import { own } from "../own.ts";
import type { Terminal } from "./terminal.ts";

/** A JWK set and its source. */
export interface KeySource {
  /** A URL, a path, or "standard input". */
  readonly name: string;
  /** The whole document: an object with an array `keys`. */
  readonly document: JsonObject;
  readonly entries: readonly unknown[];
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

/**
 * Reads the keys of a team, of a URL, of a file, or of standard input (`-`).
 *
 * @throws {KeySetError} (rejects) when no JWK set can be read there
 * @throws {UsageError} (rejects) when it is not a valid source
 */
export async function loadKeys(where: string, terminal: Terminal): Promise<KeySource> {
  const url = where === "-" ? undefined : urlOf(where, terminal);
  if (url !== undefined) return read(url, await download(url, terminal), terminal);
  let text: string;
  try {
    text = where === "-" ? await terminal.readStdin() : await terminal.readFile(where);
  } catch (cause) {
    throw new KeySetError("fetch_failed", { cause });
  }
  return read(where === "-" ? "standard input" : where, parseJsonObject(text), terminal);
}

/** Returns the URL of a team or the given URL; `undefined` for a file. */
function urlOf(where: string, terminal: Terminal): string | undefined {
  const isUrl = /^https?:\/\//i.test(where);
  if (
    !isUrl &&
    /[/\\]|\.(?:json|jwks?|txt)$/i.test(where) &&
    !/cloudflareaccess\.com/i.test(where)
  ) {
    return undefined;
  }
  const address = isUrl ? parsed(where) : undefined;
  const isCerts = address?.pathname.endsWith("/certs") === true;
  if (address !== undefined && !/\.cloudflareaccess\.com$/.test(address.hostname)) {
    if (address.pathname !== "/") return secure(where);
  } else if (isCerts) return secure(where);
  const { certsUrl, note } = guessTeam(where);
  if (note !== undefined) terminal.err(`note: ${note}\n`);
  return certsUrl;
}

function parsed(where: string): URL {
  try {
    return new URL(where);
  } catch {
    throw new UsageError("This is not a URL, so no keys can be fetched from it");
  }
}

function secure(where: string): string {
  try {
    return secureUrl("url", where).href;
  } catch {
    throw new UsageError("Keys are fetched only over https, or over http from this machine");
  }
}

async function download(url: string, { fetch }: Terminal): Promise<JsonObject | undefined> {
  const context = { url, Family: KeySetError, signal: undefined };
  const fetched = await within(TIMEOUT_MS, context, (signal) =>
    fetchKeySet({ url, cold: true, signal }, { fetch, maxBytes: MAX_BYTES }),
  );
  return "jwks" in fetched && isJsonObject(fetched.jwks) ? fetched.jwks : undefined;
}

function read(name: string, document: JsonObject | undefined, terminal: Terminal): KeySource {
  if (document === undefined) throw new KeySetError("not_json");
  const entries = own(document, "keys");
  if (Array.isArray(entries)) return { name, document, entries };
  if (own(document, "kty") !== undefined) {
    terminal.err("note: read a single JWK as a set of one\n");
    return { name, document: { keys: [document] }, entries: [document] };
  }
  throw new KeySetError("jwks_malformed");
}
