/**
 * How long to wait for a promise that another request made, in milliseconds. On Workers a promise dies
 * with its request, without any notice. A timeout is the only sign of that, so each wait for a shared promise
 * has a limit, and after it the work is done again.
 */
const PATIENCE_MS = 1000;

/** Whether a shared promise settles in time, either way. It never rejects. */
export function settlesInTime(shared: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS, false);
    const settle = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    shared.then(settle, settle);
  });
}
