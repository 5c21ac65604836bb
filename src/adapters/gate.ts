import { functionOptions, mistake } from "../caller-mistakes.ts";
import type { Verifier } from "../verify/verifier.ts";
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
  /** Is told of every refusal, and why. What it throws changes nothing. */
  onReject?: ((error: Error, request: R) => void) | undefined;
}

/** The same without public paths: every request that gets through has been verified. */
export interface PrivateOptions<R = unknown> extends AccessOptions<R> {
  publicPaths?: undefined;
}

/** What became of a request: a rejection, or a verified token, or neither on a public path. */
export interface Decision<T> {
  readonly access?: T | undefined;
  readonly rejection?: Rejection | undefined;
}

/** A request of either shape, the web's or Node's. */
export interface Headed {
  readonly headers: WebHeaders | NodeHeaders;
}

type WebHeaders = { get(name: string): string | null };
type NodeHeaders = { readonly [name: string]: string | string[] | undefined };
type WaitUntil = (promise: Promise<unknown>) => void;

/** Decides about a request. It never rejects: whatever is thrown is a rejection. */
export type Gate<T, R> = (
  request: R,
  path: string | undefined,
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
  if (typeof options !== "object" || options === null) {
    throw mistake("options", "an object", options);
  }
  functionOptions(options, ["onReject"]);
  const { onReject } = options;
  const narrowed = narrowing(options);
  const isPublic = publicPathsOption(options.publicPaths);

  return async (request, path, waitUntil) => {
    try {
      if (isPublic(path)) return {};
      const access = await verifier.verifyRequest(request, { ...narrowed, waitUntil });
      // A verifier of another make that answers nothing has not said yes.
      if (typeof access !== "object" || access === null) throw mistake("access", "a token", access);
      return { access };
    } catch (error) {
      const rejection = rejectionOf(error, acceptOf(request));
      tell(() => onReject?.(rejection.error, request));
      return { rejection };
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

function acceptOf({ headers }: Partial<Headed>): string | undefined {
  const isWeb = typeof headers?.get === "function";
  const value = isWeb
    ? (headers as WebHeaders).get("accept")
    : (headers as NodeHeaders)?.["accept"];
  return typeof value === "string" ? value : undefined;
}

/** A listener may throw, at once or later: neither opens the door nor ends the process. */
function tell(listener: () => unknown): void {
  try {
    Promise.resolve(listener()).catch(() => {});
  } catch {}
}
