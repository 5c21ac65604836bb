import { mistake, unlessPromise } from "../caller-mistakes.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

/** Paths that need no token: exact strings, for every method, or a predicate, which must answer `true`. */
export type PublicPaths =
  | readonly string[]
  | ((path: string, request: { readonly method: string }) => boolean);

/** The part of a request that can make its path a public one. */
export interface Addressed {
  readonly method?: string | undefined;
  readonly headers: AnyHeaders;
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** What frameworks put before the path, by the header that they take it from. */
const BEFORE_THE_PATH: readonly (readonly [name: string, plain: RegExp])[] = [
  ["host", HOST],
  [":authority", HOST],
  ["x-forwarded-host", HOST],
  ["x-forwarded-proto", /^[a-z]+$/i],
  ["x-forwarded-port", /^\d{1,5}$/],
];

const EXPECTED = "an array of plain paths or a function";

/**
 * Says which paths are public. Each router decodes, merges and resolves paths in its own way: a
 * path with `%`, `\`, `//` or dot segments, or with anything else that one of them might change, is
 * never public. Nor is any path of a request whose `Host`, or forwarded host, protocol or port, holds
 * anything else: frameworks join these with the path, and then route by the result.
 *
 * @throws {TypeError} at once, for a string that could never match
 */
export function publicPathsOption(
  option: PublicPaths | undefined,
): (path: string | undefined, request: Addressed) => boolean {
  if (option === undefined) return () => false;
  if (typeof option === "function") {
    return (path, { method = "GET", headers }) =>
      path !== undefined &&
      isPlain(path) &&
      hasPlainOrigin(headers) &&
      unlessPromise(option(path, { method })) === true;
  }
  if (!Array.isArray(option)) throw mistake("publicPaths", EXPECTED, option);
  const exact = new Set<unknown>(option);
  for (const path of exact) {
    if (typeof path !== "string" || !isPlain(path)) throw mistake("publicPaths", EXPECTED, path);
  }
  return (path, { headers }) =>
    path !== undefined && isPlain(path) && exact.has(path) && hasPlainOrigin(headers);
}

/** The path of Node's request target, as the client spelt it: not what a mounted router left of it. */
export function nodePath(request: NodeTarget): string | undefined {
  return (request.originalUrl ?? request.url)?.split("?", 1)[0];
}

/** What says where a request of Node's goes; Connect and its kin keep the first spelling. */
export interface NodeTarget {
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
}

/** The path of a web request, as its URL spells it. */
export function webPath({ url }: { readonly url?: string | undefined }): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#\\]*/i, "").split("?", 1)[0];
}

/** Whether every header that says where a request was sent names that, and nothing else. */
function hasPlainOrigin(headers: AnyHeaders): boolean {
  return BEFORE_THE_PATH.every(([name, plain]) => {
    const value = readHeader(headers, name);
    if (value === undefined) return true;
    // Proxies append to those that they forward.
    const parts = name.startsWith("x-") ? value.split(",") : [value];
    return parts.every((part) => plain.test(part.trim()));
  });
}

function isPlain(path: string): boolean {
  return /^\/[!-~]*$/.test(path) && !/[%\\?#]|\/\/|\/\.{1,2}(?:[/;]|$)/.test(path);
}
