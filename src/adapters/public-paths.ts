import { mistake } from "../caller-mistakes.ts";

/** Paths that need no token: exact strings, or a predicate, which must answer `true`. */
export type PublicPaths = readonly string[] | ((path: string) => boolean);

const EXPECTED = "an array of plain paths or a function";

/**
 * Says which paths are public. Whoever routes decodes, merges and resolves paths in a way of its own:
 * a path with `%`, `\`, `//` or dot segments, or with anything else that one of them might change, is
 * never public.
 *
 * @throws {TypeError} at once, for a string that could never match
 */
export function publicPathsOption(
  option: PublicPaths | undefined,
): (path: string | undefined) => boolean {
  if (option === undefined) return () => false;
  if (typeof option === "function") {
    return (path) => path !== undefined && isPlain(path) && option(path) === true;
  }
  if (!Array.isArray(option)) throw mistake("publicPaths", EXPECTED, option);
  const exact = new Set<unknown>(option);
  for (const path of exact) {
    if (typeof path !== "string" || !isPlain(path)) throw mistake("publicPaths", EXPECTED, path);
  }
  return (path) => path !== undefined && isPlain(path) && exact.has(path);
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

function isPlain(path: string): boolean {
  return /^\/[!-~]*$/.test(path) && !/[%\\?#]|\/\/|\/\.{1,2}(?:[/;]|$)/.test(path);
}
