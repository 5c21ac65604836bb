import { mistake, unlessPromise } from "../caller-mistakes.ts";
import { printable } from "../errors.ts";
import { HOST } from "../http/host.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";

/** Paths that need no token: exact strings for every method, or a function that returns `true` for them. */
export type PublicPaths =
  | readonly string[]
  | ((path: string, request: { readonly method: string }) => boolean);

/** The parts of a request that decide whether its path is public. */
export interface Addressed {
  readonly method?: string | undefined;
  readonly headers: AnyHeaders;
}

/** Headers that frameworks join with the path, and their plain form. */
const BEFORE_THE_PATH: readonly (readonly [name: string, plain: RegExp])[] = [
  ["host", HOST],
  [":authority", HOST],
  ["x-forwarded-host", HOST],
  ["x-forwarded-proto", /^[a-z]+$/i],
  ["x-forwarded-port", /^\d{1,5}$/],
];

const EXPECTED = "an array of plain paths or a function";

/** A wildcard, or a segment that routers take for a parameter: `/files/*`, `/:id`, `/{id}`, `/[id]`. */
const PATTERN = /\*|\/[:{[]/;

/**
 * Returns a function that decides whether a path is public. Each router decodes and resolves paths in its
 * own way, so a path with `%`, `\`, `//`, dot segments or anything else that a router might change is never
 * public. A path is also not public if `Host`, or the forwarded host, protocol or port, contains other
 * characters, because frameworks join these with the path and route by the result.
 *
 * @throws {TypeError} at once, when a string can never match, or is a pattern
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
    if (typeof path !== "string") throw mistake("publicPaths", EXPECTED, path);
    if (!isPlain(path) || PATTERN.test(path)) {
      throw new TypeError(
        `publicPaths must be exact paths like "/health", not ${JSON.stringify(printable(path))}: list each path; in code, a function may decide`,
      );
    }
  }
  // Each of them is plain.
  return (path, { headers }) => exact.has(path) && hasPlainOrigin(headers);
}

/** The path of a Node request as the client sent it, before a mounted router removed a part of it. */
export function nodePath(request: NodeTarget): string | undefined {
  return (request.originalUrl ?? request.url)?.split("?", 1)[0];
}

/** The target of a Node request. Connect and similar frameworks keep the original one. */
export interface NodeTarget {
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
}

/** The path of a web request, exactly as in its URL. */
export function webPath({ url }: { readonly url?: string | undefined }): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#\\]*/i, "").split("?", 1)[0];
}

/** Whether all headers that frameworks join with the path are plain. */
function hasPlainOrigin(headers: AnyHeaders): boolean {
  return BEFORE_THE_PATH.every(([name, plain]) => {
    const value = readHeader(headers, name);
    if (value === undefined) return true;
    // Proxies append their own value to these headers.
    const parts = name.startsWith("x-") ? value.split(",") : [value];
    return parts.every((part) => plain.test(part.trim()));
  });
}

function isPlain(path: string): boolean {
  return /^\/[!-~]*$/.test(path) && !/[%\\?#]|\/\/|\/\.{1,2}(?:[/;]|$)/.test(path);
}
