import { bare, member } from "../own.ts";
import { type ErrorFamily, within } from "./deadline.ts";

/** The part of `fetch` that is used: any runtime's own fits, and so does a function of yours. */
export type FetchLike = (url: string, init: FetchInit) => Promise<ResponseLike>;

/** What is handed to a {@link FetchLike}; assignable to every runtime's `RequestInit`. */
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
  /** For the whole exchange, in milliseconds, even if `fetch` ignores its signal. */
  readonly timeoutMs: number;
  /** For the body, enforced while it streams. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** A status and a body within bounds; the body of anything but a 200 is not read. */
export interface BoundedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

/**
 * One GET: bounded in time and size, no redirects, no credentials, no cache.
 *
 * @throws the caller's own family: `fetch_failed`, `fetch_timeout`, `redirected`, `response_too_large`
 */
export async function boundedFetch(
  url: string,
  headers: Record<string, string>,
  bounds: ExchangeBounds,
  Failure: ErrorFamily,
): Promise<BoundedResponse> {
  const work = (signal: AbortSignal): Promise<BoundedResponse> =>
    exchange(url, bare({ headers, redirect: "manual", signal, ...whereTaken() }), bounds, Failure);
  return within(bounds.timeoutMs, { signal: bounds.signal, url, Failure }, work);
}

async function exchange(
  url: string,
  init: FetchInit,
  { fetch: fetcher = globalThis.fetch, maxBytes }: ExchangeBounds,
  Failure: ErrorFamily,
): Promise<BoundedResponse> {
  const response = await fetcher(url, init);
  const { status, headers } = response;
  const isRedirected = member(response, "redirected") === true;
  if (status !== 200 || isRedirected) {
    letGo(response.body);
    // A browser shows a redirect it did not follow as status 0 (Fetch, "opaque-redirect filtered response").
    const isRedirect =
      status === 0 || isRedirected || (status >= 300 && status < 400 && status !== 304);
    if (isRedirect) throw new Failure("redirected", { url, upstreamStatus: status });
    return { status, headers, text: "" };
  }
  const tooLarge = (): Error => new Failure("response_too_large", { url, upstreamStatus: status });
  return { status, headers, text: await readText(response, maxBytes, init.signal, tooLarge) };
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
    // An empty chunk counts too: without end they would keep every timer from its turn.
    size += value.byteLength || 1024;
    if (!(size <= maxBytes) || signal.aborted) {
      letGo(reader);
      throw tooLarge();
    }
    text += utf8.decode(value, { stream: true });
  }
}

/** Lets a connection go; what becomes of it matters to nobody. */
async function letGo(body: unknown): Promise<void> {
  try {
    await (body as ReadableStream | null | undefined)?.cancel?.();
  } catch {
    // It is gone already.
  }
}

/** Some edge runtimes throw at these members; those that have them show them on a request. */
function whereTaken(): { credentials?: "omit"; cache?: "no-store" } {
  const known = typeof Request === "function" ? Request.prototype : {};
  return {
    ...("credentials" in known && { credentials: "omit" }),
    ...("cache" in known && { cache: "no-store" }),
  };
}
