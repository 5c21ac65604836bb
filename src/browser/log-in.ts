import { functionOptions, numberOption, readOptions } from "../caller-mistakes.ts";
import { releaseServiceWorkers } from "./service-worker.ts";

/** Options of {@link logIn}. */
export interface LogInOptions {
  /** The least time between two attempts, in seconds. @defaultValue 30 */
  everySeconds?: number | undefined;
  /**
   * Reloads the page. By default, a service worker that could answer the page is first unregistered. Your
   * own function replaces both steps.
   */
  reload?: (() => void) | undefined;
}

const KEY = "postern.logInAt";
let isLeaving = false;

/**
 * Reloads the page, so that Access shows its log-in and then returns to the page. If several requests
 * fail at the same time, it reloads only once. If the last attempt was less than `everySeconds` ago, the
 * log-in did not help. Then it does nothing, because another attempt would be a loop.
 *
 * In an installed web app, a service worker may answer the page from its cache, and then Access never
 * shows the log-in. So it first removes the registrations for the page and for `/cdn-cgi/access/`, with
 * their push subscriptions. Their caches stay. The application registers its worker again when it loads.
 * To keep the worker, pass your own `reload`.
 *
 * @returns whether the page reloads; if not, tell the user that access was refused
 * @throws {TypeError | RangeError} when an option is wrong
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
  // If the clock was set back, the age is negative, and it tries again.
  if (age >= 0 && age < interval) return false;
  if (!remember(Date.now())) return false;
  isLeaving = true;
  // The browser may keep this page and show it again, for example after the back button.
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

/** If storage is forbidden, reading the name `sessionStorage` throws a `SecurityError`. */
function lastTime(): number {
  try {
    const time = Number(sessionStorage.getItem(KEY));
    return Number.isFinite(time) ? time : 0;
  } catch {
    return 0;
  }
}

/** Returns `false` when nothing can be stored, because then a loop cannot be detected. */
function remember(time: number): boolean {
  try {
    sessionStorage.setItem(KEY, String(time));
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}
