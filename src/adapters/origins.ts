import { mistake, readOptions, tell } from "../caller-mistakes.ts";
import { TokenError } from "../errors.ts";
import { isOrigin } from "../http/secure-url.ts";
import {
  ACCESS_OPTIONS,
  type AccessOptions,
  createGate,
  type Gate,
  type Headed,
  type RequestVerifier,
} from "./gate.ts";
import { type AnyHeaders, readHeader } from "./headers.ts";
import { rejectionOf } from "./rejection.ts";

/** More options of a guard for WebSockets. */
export interface OriginOptions {
  /**
   * The origins of the pages that may connect, such as `["https://app.example.com"]`. A request with another
   * `Origin` gets 403 on every path, before its token is checked, and `onReject` gets an error with the code
   * `forbidden`. A request without `Origin` is not from a browser, and its token is checked as usual. An
   * explicit `undefined` is an error. Without this option, every origin may connect.
   */
  origins?: readonly string[];
}

const EXPECTED = 'a non-empty array of origins, such as "https://app.example.com"';

/**
 * Returns a function that is `true` for a request from a page of any other origin. Browsers let every page
 * open a WebSocket to every host, and send that host's cookies (RFC 6455 section 10.2). Other programs send
 * no `Origin`.
 *
 * @throws {TypeError} at once, when a value is not an origin as browsers send it
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
 * Creates a gate that first checks the origin of the page, if `origins` is given.
 *
 * @throws {TypeError} at once, when an option is wrong; the message is one sentence
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
