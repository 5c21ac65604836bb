import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";
import { isOrigin } from "../http/secure-url.ts";

/**
 * The session has ended, and the user must log in again, for example with {@link logIn}. If
 * `onSessionEnd` threw, `cause` is its exception.
 */
export class SessionEndedError extends Error {
  override readonly name: string = "SessionEndedError";
}

/** Options of {@link createAccessFetch}. */
export interface AccessFetchOptions {
  /** The `fetch` function to use. @defaultValue the browser's `fetch` */
  fetch?: typeof fetch | undefined;
  /** Called when the session has ended, for example with `logIn`. The promise also rejects. */
  onSessionEnd?: (() => unknown) | undefined;
  /**
   * Other origins behind Access that the page uses, such as `"https://api.example.com"`. Requests to them
   * are sent with cookies and checked like requests to the page's own origin.
   */
  origins?: readonly string[] | undefined;
}

/**
 * Creates a `fetch` for a single-page application behind Access. It rejects with {@link SessionEndedError}
 * when the answer is a redirect to the log-in or a 401, because then the session has ended. It checks only
 * requests to the page's own origin and to `origins`.
 *
 * It sends `X-Requested-With`, so that Access answers 401 instead of a redirect. It does not follow
 * redirects, because the redirect to the log-in ends in a CORS error without a reason. If your application
 * itself redirects a request, pass `redirect: "follow"`.
 *
 * @throws {TypeError} at once, when an option is wrong
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
  const names = ["fetch", "onSessionEnd", "origins"] as const;
  const settled = readOptions<AccessFetchOptions>(options, names);
  functionOptions(settled, ["fetch", "onSessionEnd"]);
  const { fetch: send = (...given) => fetch(...given), onSessionEnd } = settled;
  const origins = originsOption(settled.origins);
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    const isOwn = origin === location.origin;
    if (!isOwn && !origins.includes(origin)) return send(request);
    const headers = new Headers(request.headers);
    headers.set("x-requested-with", "XMLHttpRequest");
    const response = await send(
      new Request(request, {
        headers,
        redirect: init?.redirect ?? "manual",
        // The session is a cookie, and by default browsers send no cookies to other origins.
        credentials: isOwn ? request.credentials : "include",
      }),
    );
    if (!isSessionEnd(response)) return response;
    throw new SessionEndedError("the session has ended", told(onSessionEnd));
  };
}

/** Calls the listener. Its exception, such as for forbidden storage, must not hide the end of the session. */
function told(onSessionEnd: (() => unknown) | undefined): ErrorOptions {
  try {
    onSessionEnd?.();
    return {};
  } catch (cause) {
    return { cause };
  }
}

function originsOption(value: readonly unknown[] = []): readonly string[] {
  const expected = 'an array of origins, like "https://api.example.com"';
  if (!Array.isArray(value)) throw mistake("origins", expected, value);
  for (const origin of value) if (!isOrigin(origin)) throw mistake("origins", expected, origin);
  return [...value];
}

/**
 * Whether a response means that the Access session has ended: a 401, a redirect that was not followed, or
 * a followed redirect to the log-in.
 */
export function isSessionEnd(response: Response): boolean {
  if (response.status === 401 || response.type === "opaqueredirect") return true;
  if (!response.redirected) return false;
  const { hostname, pathname } = new URL(response.url);
  return hostname.endsWith(".cloudflareaccess.com") || pathname.startsWith("/cdn-cgi/access/login");
}
