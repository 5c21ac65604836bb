import { functionOptions, mistake, readOptions } from "../caller-mistakes.ts";

/**
 * The session has ended: the user must log in again, as {@link logIn} does. `cause` is what
 * `onSessionEnd` threw, if it did.
 */
export class SessionEndedError extends Error {
  override readonly name: string = "SessionEndedError";
}

/** What becomes of a session that ended. */
export interface AccessFetchOptions {
  /** Replaces the `fetch` that is wrapped. */
  fetch?: typeof fetch | undefined;
  /** Is called, in addition to the rejection, when the session has ended: `logIn`, say. */
  onSessionEnd?: (() => unknown) | undefined;
  /**
   * Other origins behind Access that the page asks, such as `"https://api.example.com"`. Their requests
   * are sent with cookies, and looked at as the page's own.
   */
  origins?: readonly string[] | undefined;
}

/**
 * A `fetch` for a single-page application behind Access: it rejects with {@link SessionEndedError} when
 * a request meets the log-in redirect, or a 401, because the session has ended. Only requests to the
 * page's own origin, and to the `origins` that you name, are looked at.
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
        // Another origin gets no cookie unasked, and the session is one.
        credentials: isOwn ? request.credentials : "include",
      }),
    );
    if (!isSessionEnd(response)) return response;
    throw new SessionEndedError("the session has ended", told(onSessionEnd));
  };
}

/** A fault of the listener, such as of a storage that is forbidden, must not hide what it was told. */
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

/** Spelt as the browser spells it, because it is compared with that. */
function isOrigin(value: unknown): boolean {
  try {
    return typeof value === "string" && /^https?:/.test(value) && new URL(value).origin === value;
  } catch {
    return false;
  }
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
