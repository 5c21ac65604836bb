import { mistake, readOptions } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import {
  ACCESS_OPTIONS,
  type AccessOptions,
  createGate,
  type Gate,
  type Headed,
  type RequestVerifier,
  tell,
} from "./gate.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";
import { rejectionOf } from "./rejection.ts";

/** What a guard of WebSockets can be told beside. */
export interface OriginOptions {
  /**
   * The origins of the pages that may connect, such as `["https://app.example.com"]`. A request with any
   * other `Origin` is answered 403 before its token is looked at, on every path; `onReject` gets an error
   * of code `forbidden`. A request without `Origin` comes from no browser, and goes on to the token. It
   * may not be there and undefined. Every origin
   */
  origins?: readonly string[];
}

const EXPECTED = 'a non-empty array of origins, such as "https://app.example.com"';

/**
 * Says whether a request comes from a page of none of these origins. Browsers let every page open a
 * WebSocket to every host, and send its cookies along (RFC 6455 section 10.2). A program that is not a
 * browser sends no `Origin`.
 *
 * @throws {TypeError} at once, for what a browser never sends as an origin
 */
function originsOption(origins: unknown): (headers: AnyHeaders) => boolean {
  if (!Array.isArray(origins) || origins.length === 0) throw mistake("origins", EXPECTED, origins);
  const known = new Set<unknown>(origins);
  for (const origin of known) if (!isOrigin(origin)) throw mistake("origins", EXPECTED, origin);
  return (headers) => {
    const origin = readHeader(headers, "origin");
    return origin !== undefined && !known.has(origin);
  };
}

/**
 * A gate that looks at the page's origin first, where `origins` is given.
 *
 * @throws {TypeError} at once, in one sentence, for an option that is wrong
 */
export function createUpgradeGate<T, R extends Headed>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<R> & OriginOptions = {},
): Gate<T, R> {
  const names = [...ACCESS_OPTIONS, "origins"] as const;
  const settled = readOptions<AccessOptions<R> & OriginOptions>(options, names);
  const { origins, ...shared } = settled;
  const gate = createGate<T, R>(verifier, shared);
  if (!("origins" in settled)) return gate;
  const isForeign = originsOption(origins);
  const { onReject } = settled;
  return async (request, ...rest) => {
    if (!isForeign(request.headers)) return gate(request, ...rest);
    const cause = new Error("the page's Origin is none of origins");
    const error = new TokenError("forbidden", { cause });
    tell(() => onReject?.(error, request));
    const rejection = rejectionOf(error, readHeader(request.headers, "accept"));
    return { access: undefined, rejection };
  };
}

/** Whether a value is spelt as browsers spell the origin of a page (RFC 6454 section 6.2). */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string" || !/^https?:/.test(value)) return false;
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}
