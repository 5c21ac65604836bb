import { functionOptions, numberOption, readOptions } from "../caller-mistakes.ts";
import { releaseServiceWorkers } from "./service-worker.ts";

/** How a page comes to its log-in. */
export interface LogInOptions {
  /** Does not try again within so many seconds of the last time. 30 */
  everySeconds?: number | undefined;
  /**
   * How to come to the log-in. By default the page is loaded anew, and a service worker that could
   * answer it is unregistered first. With a function of your own, none is.
   */
  reload?: (() => void) | undefined;
}

const KEY = "postern.logInAt";
let isLeaving = false;

/**
 * Loads the page anew, from the top, so that Access shows its log-in and comes back to it. However
 * many requests fail at once, the page is left once. When the last time is not long ago the log-in
 * did not help, and to try again would be a loop: it does nothing then.
 *
 * In an installed web app a service worker may answer the page from its cache, and the log-in would
 * never be met. So the registrations for the page and for `/cdn-cgi/access/` are removed first, with
 * their push subscriptions; their caches stay. The application registers its worker again when it is
 * loaded. To keep the worker, pass a `reload` of your own.
 *
 * @returns whether the page is being left; if not, tell the person that access was refused
 * @throws {TypeError | RangeError} for an option that is wrong
 *
 * @example
 * ```ts
 * import { logIn } from "postern/browser";
 *
 * if (!logIn()) document.body.textContent = "You are logged in, but this page is not for you.";
 * ```
 */
export function logIn(options: LogInOptions = {}): boolean {
  const settled = readOptions<LogInOptions>(options, ["everySeconds", "reload"]);
  functionOptions(settled, ["reload"]);
  const { everySeconds = 30, reload = reloadFromNetwork } = settled;
  const interval = numberOption("everySeconds", everySeconds, [1, 86_400]) * 1000;
  if (isLeaving) return true;
  const age = Date.now() - lastTime();
  // A clock set back counts as long ago.
  if (age >= 0 && age < interval) return false;
  if (!remember(Date.now())) return false;
  isLeaving = true;
  // The page that is kept while the next one loads can be shown again: by the back button, say.
  addEventListener("pageshow", forget, { once: true });
  reload();
  return true;
}

function reloadFromNetwork(): void {
  const released = releaseServiceWorkers();
  if (released === undefined) location.reload();
  else released.then(() => location.reload());
}

function forget(): void {
  isLeaving = false;
}

/** Where storage is forbidden, the mere name of it throws a `SecurityError`. */
function lastTime(): number {
  try {
    const time = Number(sessionStorage.getItem(KEY));
    return Number.isFinite(time) ? time : 0;
  } catch {
    return 0;
  }
}

/** Where nothing can be remembered, a loop could not be told from a first time. */
function remember(time: number): boolean {
  try {
    sessionStorage.setItem(KEY, String(time));
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}
