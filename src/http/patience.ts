/**
 * How long to rely on a promise that another request made, in milliseconds. On Workers a promise dies
 * with its request, and nothing says so: a wait without an answer is the only sign. So each shared promise is
 * waited for with a limit, and after that the work is done again.
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
