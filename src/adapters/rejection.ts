import { isKeySetError, isTokenError } from "../errors.ts";

/** A whole answer, in no shape yet. */
export interface Answer {
  readonly status: number;
  /** For every shape of answer, without the type of the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string;
}

/** What a client is told: only this. Why it was refused is for `onReject`. */
export interface Rejection extends Answer {
  readonly status: 401 | 403 | 500 | 503;
  /** The reason phrase of the status, the whole of what the body says. */
  readonly title: string;
  /** What was thrown, always an `Error`: to be passed on, never to be shown. */
  readonly error: Error;
  /** The application's own fault, such as an exception in its `check`: neither token nor keys. */
  readonly isFault: boolean;
}

const TITLES = {
  401: "Unauthorized",
  403: "Forbidden",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/**
 * The one rule for all adapters. A token that is missing or invalid is 401. A genuine one that `check`
 * refused is 403. Keys that are unavailable are 503. Anything else that was thrown is 500.
 *
 * @param accept the request's `Accept` header
 */
export function rejectionOf(error: unknown, accept?: string | null | undefined): Rejection {
  const status = statusOf(error);
  const title = TITLES[status];
  const isJson = prefersJson(accept ?? "");
  return {
    status,
    title,
    headers: { "cache-control": "no-store", ...challengeOf(error) },
    contentType: isJson ? "application/problem+json" : "text/plain; charset=utf-8",
    // A problem of no type says what the status says (RFC 9457 section 4.2.1).
    body: isJson ? JSON.stringify({ type: "about:blank", title, status }) : `${title}\n`,
    error: asError(error),
    isFault: status === 500,
  };
}

/** An answer in the web's shape. */
export function toResponse({ status, headers, contentType, body }: Answer): Response {
  return new Response(body, { status, headers: { ...headers, "content-type": contentType } });
}

/** An error as Node's frameworks understand one: they answer its status, headers and message. */
export interface HttpError extends Error {
  readonly status: number;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly expose: boolean;
}

/** A rejection to be thrown; the application's own fault stays the error that it is. */
export function toError(rejection: Rejection): Error | HttpError {
  const { status, title, headers, error, isFault } = rejection;
  if (isFault) return error;
  const facts = { status, statusCode: status, headers, expose: true };
  return Object.assign(new Error(title, { cause: error }), facts);
}

function statusOf(error: unknown): Rejection["status"] {
  if (isKeySetError(error)) return 503;
  if (!isTokenError(error)) return 500;
  return error.code === "forbidden" ? 403 : 401;
}

function challengeOf(error: unknown): Record<string, string> {
  if (isKeySetError(error)) {
    const seconds = Math.ceil(error.retryAfterSeconds ?? 1);
    return { "retry-after": String(seconds > 0 && seconds < 86_400 ? seconds : 1) };
  }
  if (!isTokenError(error) || error.code === "forbidden") return {};
  // Who brought nothing is not told that it was wrong (RFC 6750 section 3.1).
  const code = error.code === "token_missing" ? "" : ', error="invalid_token"';
  return { "www-authenticate": `Bearer realm="Cloudflare Access"${code}` };
}

/** Frameworks take `next(undefined)` or `next("route")` for "go on": what goes to them is an error. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  return new Error("verification threw what is no error", { cause: error });
}

/** Whether JSON has a higher weight than text (RFC 9110 section 12.5.1). A wildcard prefers nothing. */
function prefersJson(accept: string): boolean {
  let json = 0;
  let text = 0;
  for (const range of accept.slice(0, 1024).split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    const weight = /^[01](?:\.\d{0,3})?$/.test(q) ? Number(q) : 0;
    if (/^application\/(?:[\w.-]+\+)?json$/.test(type)) json = Math.max(json, weight);
    if (type.startsWith("text/")) text = Math.max(text, weight);
  }
  return json > text;
}
