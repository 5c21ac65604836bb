import { mistake, readOptions } from "../caller-mistakes.ts";
import { secureUrl } from "../http/secure-url.ts";
import type { Answer } from "./rejection.ts";

/**
 * The members of the document besides `resource`, with the names of RFC 9728 section 2.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-2
 */
export interface ResourceMetadata {
  /** The issuers of tokens for this server: https URLs, at least one. */
  authorization_servers: readonly string[];
  scopes_supported?: readonly string[] | undefined;
  bearer_methods_supported?: readonly string[] | undefined;
  /** A name for users to read. */
  resource_name?: string | undefined;
}

/** The document and its address. */
export interface Discovery {
  /** The address for the challenge. */
  readonly url: string;
  /** The answer to a request for the document; `undefined` for other requests. */
  answer(path: string | undefined, method: string | undefined): Answer | undefined;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

const NAMES = [
  "authorization_servers",
  "scopes_supported",
  "bearer_methods_supported",
  "resource_name",
] as const satisfies readonly (keyof ResourceMetadata)[];

/**
 * Checks the address of the server, which its tokens and its document name.
 *
 * @throws {TypeError} when it cannot identify a resource (RFC 8707 section 2, RFC 9728 section 1.2)
 */
export function resourceOption(value: unknown): URL {
  const url = secureUrl("resource", value);
  if (!/[?#]/.test(String(value))) return url;
  throw new TypeError("resource must be a URL without query and fragment");
}

/**
 * Checks the options and writes the document of a protected resource.
 *
 * @throws {TypeError} when an option is wrong; the message is one sentence
 */
export function discoveryOption(resource: string | URL | undefined, given: unknown): Discovery {
  if (resource === undefined) throw mistake("resource", "a URL, with resourceMetadata", resource);
  const metadata = readOptions<ResourceMetadata>(given, NAMES, "resourceMetadata");
  const { authorization_servers: servers, resource_name: title } = metadata;
  list("authorization_servers", servers);
  for (const server of servers) secureUrl("authorization_servers", server);
  for (const name of NAMES.slice(1, 3))
    if (metadata[name] !== undefined) list(name, metadata[name]);
  if (title !== undefined && (typeof title !== "string" || title === "")) {
    throw mistake("resource_name", "a non-empty string", title);
  }
  const { origin, pathname } = new URL(resource);
  const path = pathname.replace(/\/$/, "");
  const places = new Set<unknown>([WELL_KNOWN, `${WELL_KNOWN}${path}`, `${WELL_KNOWN}${pathname}`]);
  // Unchanged, because a client compares it with the address that it requested.
  const body = JSON.stringify({ resource: String(resource), ...metadata });
  return {
    url: `${origin}${WELL_KNOWN}${path}`,
    answer(at, method = "GET") {
      if (!places.has(at)) return undefined;
      if (method === "OPTIONS") return { ...TEXT, status: 204, headers: PREFLIGHT, body: "" };
      if (method === "GET" || method === "HEAD") {
        const contentType = "application/json";
        return { status: 200, headers: ANYBODY, contentType, body: method === "GET" ? body : "" };
      }
      const headers = { ...ANYBODY, allow: "GET, HEAD, OPTIONS" };
      return { ...TEXT, status: 405, headers, body: "Method Not Allowed\n" };
    },
  };
}

const TEXT = { contentType: "text/plain; charset=utf-8" };

/** Clients in browsers read it from other origins, and send the version of their protocol in a header. */
const ANYBODY = { "access-control-allow-origin": "*", "cache-control": "no-cache" };
const PREFLIGHT = {
  ...ANYBODY,
  "access-control-allow-methods": "GET, HEAD",
  "access-control-allow-headers": "mcp-protocol-version",
};

function list(name: string, value: unknown): void {
  const isList = Array.isArray(value) && value.length > 0;
  if (!isList || value.some((item) => typeof item !== "string" || item === "")) {
    throw mistake(name, "a non-empty array of non-empty strings", value);
  }
}
