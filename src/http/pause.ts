/**
 * How long to rely on a promise that another request made. On Workers a promise dies with its request,
 * and nothing says so: waiting in vain is the only sign. So each shared promise is waited for with a
 * limit, and after that the work is done again.
 */
export const PATIENCE_MS = 1000;

/** How a wait ended. */
export type Pause = "settled" | "over" | "aborted";

/** Waits for a promise that never rejects, or for nothing, but not longer than it may. */
export function pause(
  timeoutMs: number,
  awaited?: Promise<unknown>,
  signal?: AbortSignal,
): Promise<Pause> {
  let stop = (): void => {};
  const paused = new Promise<Pause>((resolve) => {
    awaited?.then(() => resolve("settled"));
    const timer = setTimeout(resolve, timeoutMs, "over");
    const abort = (): void => resolve("aborted");
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  });
  return paused.finally(() => stop());
}
