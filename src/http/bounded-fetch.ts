import { bare } from "../caller-mistakes.ts";
import type { HttpErrorCode, KeySetErrorDetails } from "../errors.ts";
import { member } from "../own.ts";
import { onAbort } from "./pause.ts";

/** The error family of the caller. */
export type ErrorFamily = new (code: HttpErrorCode, details: KeySetErrorDetails) => Error;

/** What a failure is called, and what may end the work early. */
export interface WorkContext {
  readonly url: string;
  readonly Family: ErrorFamily;
  /** Given even when there is none, so that a polluted prototype cannot supply one. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs work with a signal and a time limit, and stops waiting when either ends, even if the work goes on.
 * `AbortSignal.any` would be shorter, but some edge runtimes lack it.
 *
 * @throws the caller's error family: `fetch_timeout`, or `fetch_failed` with the cause
 */
export async function within<T>(
  timeoutMs: number,
  { url, Family, signal }: WorkContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let stop = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    const end = (code: HttpErrorCode, cause?: unknown): void => {
      reject(new Family(code, { url, cause }));
      controller.abort();
    };
    const timer = setTimeout(end, timeoutMs, "fetch_timeout");
    stop = onAbort(signal, () => end("fetch_failed", signal?.reason), timer);
  });
  try {
    return await Promise.race([ended, work(controller.signal)]);
  } catch (error) {
    throw asFailure(error, url, Family);
  } finally {
    stop();
  }
}

/** Wraps anything that was thrown in the caller's error family. */
function asFailure(error: unknown, url: string, Family: ErrorFamily): Error {
  return error instanceof Family ? error : new Family("fetch_failed", { url, cause: error });
}

/** The part of `fetch` that is used: every runtime's `fetch` fits, and so does your own function. */
export type FetchLike = (url: string, init: FetchInit) => Promise<ResponseLike>;

/** The options for a {@link FetchLike}; assignable to every runtime's `RequestInit`. */
export interface FetchInit {
  headers: Record<string, string>;
  redirect: "manual";
  signal: AbortSignal;
  credentials?: "omit";
  cache?: "no-store";
}

/** The part of a `Response` that is read. */
export interface ResponseLike {
  readonly status: number;
  readonly redirected?: boolean;
  readonly headers: { get(name: string): string | null };
  /** A `ReadableStream` of bytes where there is one. */
  readonly body?: unknown;
  text(): Promise<string>;
}

/** Each bound of one exchange. */
export interface ExchangeBounds {
  readonly fetch: FetchLike | undefined;
  /** For the body, enforced while it streams. */
  readonly maxBytes: number;
  /** Ends the exchange; the caller stops waiting at its own time limit. */
  readonly signal: AbortSignal;
}

/** A status and a body within bounds; the body of anything but a 200 is not read. */
export interface BoundedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

/**
 * One GET: bounded in size, no redirects, no credentials, no cache. The caller bounds its time.
 *
 * @throws the caller's error family: `fetch_failed`, `redirected`, `response_too_large`
 */
export async function boundedFetch(
  url: string,
  headers: Record<string, string>,
  bounds: ExchangeBounds,
  Family: ErrorFamily,
): Promise<BoundedResponse> {
  try {
    return await exchange(url, headers, bounds, Family);
  } catch (error) {
    throw asFailure(error, url, Family);
  }
}

async function exchange(
  url: string,
  sent: Record<string, string>,
  { fetch: fetcher = globalThis.fetch, maxBytes, signal }: ExchangeBounds,
  Family: ErrorFamily,
): Promise<BoundedResponse> {
  // The caller no longer waits: one of several exchanges must not begin.
  if (signal.aborted) throw signal.reason;
  const init: FetchInit = bare({ headers: sent, redirect: "manual", signal, ...whereTaken() });
  const response = await fetcher(url, init);
  const { status, headers } = response;
  const isRedirected = member(response, "redirected") === true;
  if (status !== 200 || isRedirected) {
    letGo(response.body);
    // A browser shows a redirect it did not follow as status 0 (Fetch, "opaque-redirect filtered response").
    const isRedirect =
      status === 0 || isRedirected || (status >= 300 && status < 400 && status !== 304);
    if (isRedirect) throw new Family("redirected", { url, upstreamStatus: status });
    return { status, headers, text: "" };
  }
  const tooLarge = (): Error => new Family("response_too_large", { url, upstreamStatus: status });
  return { status, headers, text: await readText(response, maxBytes, signal, tooLarge) };
}

async function readText(
  response: ResponseLike,
  maxBytes: number,
  signal: AbortSignal,
  tooLarge: () => Error,
): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array> | null | undefined)?.getReader?.();
  if (reader === undefined) {
    const text = await response.text();
    if (text.length > maxBytes) throw tooLarge();
    return text;
  }
  const utf8 = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + utf8.decode();
    // An empty chunk counts too: endless empty chunks would keep all timers from running.
    size += value.byteLength || 1024;
    if (!(size <= maxBytes) || signal.aborted) {
      letGo(reader);
      throw tooLarge();
    }
    text += utf8.decode(value, { stream: true });
  }
}

/** Closes a connection; errors of the cancellation are ignored. */
async function letGo(body: unknown): Promise<void> {
  try {
    await (body as ReadableStream | null | undefined)?.cancel?.();
  } catch {
    // It is closed already.
  }
}

/** Some edge runtimes throw at these members. Those that support them have them on `Request`. */
function whereTaken(): { credentials?: "omit"; cache?: "no-store" } {
  const known = typeof Request === "function" ? Request.prototype : {};
  return {
    ...("credentials" in known && { credentials: "omit" }),
    ...("cache" in known && { cache: "no-store" }),
  };
}
