import { isKeySetError, isTokenError } from "../errors.ts";

/** An HTTP answer, independent of the framework. */
export interface Answer {
  readonly status: number;
  /** All headers except the content type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string;
}

/** The answer to a refused request. The client gets only the status; `onReject` gets the reason. */
export interface Rejection extends Answer {
  readonly status: 401 | 403 | 500 | 503;
  /** The reason phrase of the status, which is also the text of the body. */
  readonly title: string;
  /** The thrown error, to pass on, never to show to the client. */
  readonly error: Error;
  /** Whether it is the application's own error, such as an exception in its `check`. */
  readonly isFault: boolean;
}

const TITLES = {
  401: "Unauthorized",
  403: "Forbidden",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/**
 * Chooses the status for all adapters: 401 when the token is missing or invalid, 403 when `check` refused a
 * genuine one, 503 when the keys are unavailable, 500 for any other exception.
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
    // "about:blank" means that the problem is only the status (RFC 9457 section 4.2.1).
    body: isJson ? JSON.stringify({ type: "about:blank", title, status }) : `${title}\n`,
    error: asError(error),
    isFault: status === 500,
  };
}

/** Makes a web `Response` from an answer. */
export function toResponse({ status, headers, contentType, body }: Answer): Response {
  return new Response(body, { status, headers: { ...headers, "content-type": contentType } });
}

/** An error that Node's frameworks can answer with its status, headers and message. */
export interface HttpError extends Error {
  readonly status: number;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly expose: boolean;
}

/** Makes an error to throw. The application's own error stays unchanged. */
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
  // Without a token, the challenge must contain no error code (RFC 6750 section 3.1).
  const code = error.code === "token_missing" ? "" : ', error="invalid_token"';
  return { "www-authenticate": `Bearer realm="Cloudflare Access"${code}` };
}

/** Frameworks read `next(undefined)` and `next("route")` as "continue", so it must be an `Error`. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  return new Error("verification threw a value that is not an Error", { cause: error });
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
