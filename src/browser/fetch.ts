import { functionOptions, readOptions } from "../caller-mistakes.ts";

/** The session has ended: somebody has to log in again, as {@link logIn} does. */
export class SessionEndedError extends Error {
  override readonly name: string = "SessionEndedError";
}

/** What becomes of a session that ended. */
export interface AccessFetchOptions {
  /** Replaces the `fetch` that is wrapped. */
  fetch?: typeof fetch | undefined;
  /** Is called, beside the rejection, when a request meets the end of the session: `logIn`, say. */
  onSessionEnd?: (() => unknown) | undefined;
}

/**
 * A `fetch` for a single-page application behind Access: it rejects with {@link SessionEndedError} when
 * a request meets the log-in redirect, or a 401, because the session has ended. Only requests to the
 * page's own origin are looked at.
 *
 * Access is asked to answer 401 instead of redirecting (`X-Requested-With`), and redirects are not
 * followed unless you ask for it: that to the log-in would end in a CORS error that says nothing. For a
 * request whose redirects are your application's own, pass `redirect: "follow"`.
 *
 * @throws {TypeError} at once, for an option that is wrong
 * @see https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/cors/
 *
 * @example
 * ```ts
 * import { createAccessFetch, logIn } from "postern/browser";
 *
 * const accessFetch = createAccessFetch({ onSessionEnd: () => logIn() });
 * const response = await accessFetch("/api/items");
 * ```
 */
export function createAccessFetch(options: AccessFetchOptions = {}): typeof fetch {
  const settled = readOptions<AccessFetchOptions>(options, ["fetch", "onSessionEnd"]);
  functionOptions(settled, ["fetch", "onSessionEnd"]);
  const { fetch: send = (...given) => fetch(...given), onSessionEnd } = settled;
  return async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin !== location.origin) return send(request);
    const headers = new Headers(request.headers);
    headers.set("x-requested-with", "XMLHttpRequest");
    const response = await send(
      new Request(request, { headers, redirect: init?.redirect ?? "manual" }),
    );
    if (!isSessionEnd(response)) return response;
    onSessionEnd?.();
    throw new SessionEndedError("the session has ended");
  };
}

/**
 * Whether a response is the end of an Access session: a 401, a redirect that was not followed, or one
 * that was followed to the log-in.
 */
export function isSessionEnd(response: Response): boolean {
  if (response.status === 401 || response.type === "opaqueredirect") return true;
  if (!response.redirected) return false;
  const { hostname, pathname } = new URL(response.url);
  return hostname.endsWith(".cloudflareaccess.com") || pathname.startsWith("/cdn-cgi/access/login");
}
