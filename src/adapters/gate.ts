import { booleanOption, functionOptions, mistake, readOptions, tell } from "../caller-mistakes.ts";
import { isTokenError } from "../errors.ts";
import type { Verifier } from "../verify/options.ts";
import { type AnyHeaders, isWebHeaders, readHeader } from "./headers.ts";
import { type PublicPaths, publicPathsOption } from "./public-paths.ts";
import { type Rejection, rejectionOf } from "./rejection.ts";

/** The part of a verifier that an adapter uses. */
export type RequestVerifier<T> = Pick<Verifier<T>, "verifyRequest">;

/** Options of every adapter. */
export interface AccessOptions<R = unknown> {
  /**
   * Accepts only tokens for these of the verifier's audiences. An explicit `undefined` is an error. If the
   * verifier does not have such an audience, every request gets 500: only the verifier knows its audiences,
   * so this cannot be checked at the start.
   */
  audience?: string | readonly string[];
  /** Paths that need no token and have no `access`. @defaultValue none */
  publicPaths?: PublicPaths | undefined;
  /**
   * Lets in a request without a token, without `access`. A request with a wrong token is still refused.
   *
   * @defaultValue `false`
   */
  optional?: boolean | undefined;
  /**
   * Lets in a CORS preflight, without `access`: `OPTIONS` with `Origin` and
   * `Access-Control-Request-Method` and without a body. It is for applications that answer preflights
   * themselves, because "Bypass options requests to origin" is on in Access.
   *
   * @defaultValue `false`
   */
  allowPreflight?: boolean | undefined;
  /** Called for every refusal, with the reason. If it throws, nothing changes. */
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

/** Options without exceptions: every accepted request has a verified token. */
export interface PrivateOptions<R = unknown> extends AccessOptions<R> {
  publicPaths?: undefined;
  optional?: false | undefined;
  allowPreflight?: false | undefined;
}

/** The result for a request: a rejection, a verified token, or neither if no token is needed. */
export interface Decision<T> {
  readonly access?: T | undefined;
  readonly rejection?: Rejection | undefined;
}

// The members are explicit, so that they cannot come from a polluted prototype.
const NOTHING = Object.freeze({ access: undefined, rejection: undefined });

/** A web request or a Node request. */
export interface Headed {
  readonly method?: string | undefined;
  readonly headers: AnyHeaders;
}

type WaitUntil = (promise: Promise<unknown>) => void;

/**
 * Decides about a request. The promise never rejects: every exception becomes a rejection.
 *
 * A request passes without a token if its `path` is public. If it has several paths, all must be public.
 * `undefined` is never public.
 */
export type Gate<T, R> = (
  request: R,
  path: string | readonly string[] | undefined,
  waitUntil?: WaitUntil | undefined,
) => Promise<Decision<T>>;

/**
 * Creates the gate that all adapters use.
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
      // Another implementation of a verifier may return nothing. That is not a token.
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

/** Checks `audience`. A variable that is not set must not mean "every audience". */
function narrowing(options: AccessOptions<never>): { audience?: string | readonly string[] } {
  if (!("audience" in options)) return {};
  const tags: readonly unknown[] = [options.audience].flat();
  if (tags.length === 0 || tags.some((tag) => typeof tag !== "string" || tag === "")) {
    throw mistake("audience", "a non-empty string or array of them, or left out", options.audience);
  }
  return { audience: tags as readonly string[] };
}

/** Whether it is a CORS preflight, which never has credentials (Fetch section 3.3.1). */
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

/** Whether the body is empty. Frameworks on Node always give a stream, which then ends immediately. */
async function isEmpty(request: Request): Promise<boolean> {
  if (!request.body) return true;
  const reader = (request.clone().body as typeof request.body).getReader();
  if ((await reader.read()).done) return true;
  // Not awaited, because it would wait for the other half of the clone.
  reader.cancel().catch(() => {});
  return false;
}
