import { booleanOption, functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { isTokenError } from "../errors.ts";
import type { Verifier } from "../verify/options.ts";
import { type AnyHeaders, isWebHeaders, readHeader } from "./headers.ts";
import { type PublicPaths, publicPathsOption } from "./public-paths.ts";
import { type Rejection, rejectionOf } from "./rejection.ts";

/** The part of a verifier that an adapter uses. */
export type RequestVerifier<T> = Pick<Verifier<T>, "verifyRequest">;

/** What every adapter can be told. */
export interface AccessOptions<R = unknown> {
  /**
   * Narrows a shared verifier to this application's routes. It may not be there and undefined. One that
   * the verifier was not given is a fault of every request (500), not of the start: only the verifier
   * knows its audiences.
   */
  audience?: string | readonly string[];
  /** Paths that need no token; on them there is no `access`. None */
  publicPaths?: PublicPaths | undefined;
  /**
   * Lets a request that brings no token go on, without `access`. One that brings a bad token is still
   * refused. `false`
   */
  optional?: boolean | undefined;
  /**
   * Lets a CORS preflight go on, without `access`: `OPTIONS` with `Origin` and
   * `Access-Control-Request-Method` and without a body. For applications where Access has "Bypass options
   * requests to origin" on, which answer preflights themselves. `false`
   */
  allowPreflight?: boolean | undefined;
  /** Is called for every refusal, with the reason. What it throws changes nothing. */
  onReject?: ((error: Error, request: R) => void) | undefined;
}

/** Every option by name. */
export const ACCESS_OPTIONS: readonly (keyof AccessOptions)[] = [
  "audience",
  "publicPaths",
  "optional",
  "allowPreflight",
  "onReject",
];

/** The same without exceptions: every request that gets through has been verified. */
export interface PrivateOptions<R = unknown> extends AccessOptions<R> {
  publicPaths?: undefined;
  optional?: false | undefined;
  allowPreflight?: false | undefined;
}

/** What became of a request: a rejection, or a verified token, or neither where none is needed. */
export interface Decision<T> {
  readonly access?: T | undefined;
  readonly rejection?: Rejection | undefined;
}

// Its members are its own, so that none is read from a polluted prototype.
const NOTHING = Object.freeze({ access: undefined, rejection: undefined });

/** A request of either shape, the web's or Node's. */
export interface Headed {
  readonly method?: string | undefined;
  readonly headers: AnyHeaders;
}

type WaitUntil = (promise: Promise<unknown>) => void;

/**
 * Decides about a request. It never rejects: whatever is thrown is a rejection.
 *
 * `path` is what must be public for the request to pass without a token. Where a request has several
 * paths, each must be; `undefined` never is.
 */
export type Gate<T, R> = (
  request: R,
  path: string | readonly string[] | undefined,
  waitUntil?: WaitUntil | undefined,
) => Promise<Decision<T>>;

/**
 * The one door behind all adapters.
 *
 * @throws {TypeError} at once, in one sentence, for an option that is wrong
 */
export function createGate<T, R extends Headed>(
  verifier: RequestVerifier<T>,
  options: AccessOptions<R> = {},
): Gate<T, R> {
  if (typeof verifier?.verifyRequest !== "function") {
    throw mistake("verifier", "what createVerifier returns", verifier);
  }
  const settled = readOptions<AccessOptions<R>>(options, ACCESS_OPTIONS);
  functionOptions(settled, ["onReject"]);
  const { onReject } = settled;
  const narrowed = narrowing(settled);
  const isPublic = publicPathsOption(settled.publicPaths);
  const isOptional = booleanOption("optional", settled.optional);
  const allowsPreflight = booleanOption("allowPreflight", settled.allowPreflight);

  return async (request, path, waitUntil) => {
    try {
      const paths = [path].flat();
      const isOpen = paths.length > 0 && paths.every((each) => isPublic(each, request));
      if (isOpen || (allowsPreflight && (await isPreflight(request)))) return NOTHING;
      const access = await verifier.verifyRequest(request, { ...narrowed, waitUntil });
      // A verifier of another make that answers nothing has not said yes.
      if (typeof access !== "object" || access === null) throw mistake("access", "a token", access);
      return { access, rejection: undefined };
    } catch (error) {
      if (isOptional && isTokenError(error) && error.code === "token_missing") return NOTHING;
      const rejection = rejectionOf(error, readHeader(request?.headers, "accept"));
      tell(() => onReject?.(rejection.error, request));
      return { access: undefined, rejection };
    }
  };
}

/** An audience from a variable that is not set must not pass for no narrowing at all. */
function narrowing(options: AccessOptions<never>): { audience?: string | readonly string[] } {
  if (!("audience" in options)) return {};
  const tags: readonly unknown[] = [options.audience].flat();
  if (tags.length === 0 || tags.some((tag) => typeof tag !== "string" || tag === "")) {
    throw mistake("audience", "a non-empty string or array of them, or left out", options.audience);
  }
  return { audience: tags as readonly string[] };
}

/** A CORS preflight (Fetch section 3.3.1), which carries no credentials and asks only what is allowed. */
async function isPreflight(request: Headed): Promise<boolean> {
  const { method, headers } = request;
  const has = (name: string): boolean => (readHeader(headers, name) ?? "") !== "";
  return (
    method === "OPTIONS" &&
    has("origin") &&
    has("access-control-request-method") &&
    !has("transfer-encoding") &&
    !has("upgrade") &&
    ["0", undefined].includes(readHeader(headers, "content-length")) &&
    (!isWebHeaders(headers) || (await isEmpty(request as Request)))
  );
}

/** Frameworks on Node give every such request a stream; where there is no body it ends at once. */
async function isEmpty(request: Request): Promise<boolean> {
  if (!request.body) return true;
  const reader = request.clone().body?.getReader();
  const first = await reader?.read();
  if (first?.done) return true;
  // Not awaited: it would wait for the other half of the clone.
  reader?.cancel().catch(() => {});
  return false;
}

/** A listener may throw, at once or later: neither opens the door nor ends the process. */
export function tell(listener: () => unknown): void {
  try {
    Promise.resolve(listener()).catch(() => {});
  } catch {}
}
