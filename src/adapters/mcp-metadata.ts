import { mistake, readOptions } from "../caller-mistakes.ts";
import { secureUrl } from "../http/secure-url.ts";
import type { Answer } from "./rejection.ts";

/**
 * What the document says besides `resource`, under the names of RFC 9728 section 2.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-2
 */
export interface ResourceMetadata {
  /** Who issues tokens for this server: https URLs, at least one. */
  authorization_servers: readonly string[];
  scopes_supported?: readonly string[] | undefined;
  bearer_methods_supported?: readonly string[] | undefined;
  /** For people. */
  resource_name?: string | undefined;
}

/** The document, and where it is. */
export interface Discovery {
  /** The address to name in a challenge. */
  readonly url: string;
  /** The answer, where a request is for the document. */
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
 * The address of the server itself, which is what its tokens and its document are for.
 *
 * @throws {TypeError} for what is none (RFC 8707 section 2, RFC 9728 section 1.2)
 */
export function resourceOption(value: unknown): URL {
  const url = secureUrl("resource", value);
  if (url.hash === "" && url.search === "" && !/[?#]/.test(String(value))) return url;
  throw new TypeError("resource must be a URL without query and fragment");
}

/**
 * Checks and spells the document of a protected resource.
 *
 * @throws {TypeError} in one sentence
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
  const places = new Set([WELL_KNOWN, `${WELL_KNOWN}${path}`, `${WELL_KNOWN}${pathname}`]);
  // As it was given: a client compares it with what it asked for.
  const body = JSON.stringify({ resource: String(resource), ...metadata });
  return {
    url: `${origin}${WELL_KNOWN}${path}`,
    answer(at, method = "GET") {
      if (at === undefined || !places.has(at)) return undefined;
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

/** Clients in browsers read it from other origins, with the header of their protocol's version. */
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
