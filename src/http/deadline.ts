import type { HttpErrorCode, KeySetErrorDetails } from "../errors.ts";

/** The error family of the caller. */
export type ErrorFamily = new (code: HttpErrorCode, details: KeySetErrorDetails) => Error;

/** What a failure is told as, and who may end the work early. */
export interface WorkContext {
  readonly url: string;
  readonly Failure: ErrorFamily;
  /** Said even where there is none, so that none is inherited. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Gives work a signal and a time, and stops waiting for it when either ends, whether it obeys or not.
 * `AbortSignal.any` would be shorter, but some edge runtimes lack it.
 *
 * @throws the caller's own family: `fetch_timeout`, or `fetch_failed` around whatever else was thrown
 */
export async function within<T>(
  timeoutMs: number,
  { url, Failure, signal }: WorkContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let stop = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    const end = (code: HttpErrorCode, cause?: unknown): void => {
      reject(new Failure(code, { url, cause }));
      controller.abort();
    };
    const timer = setTimeout(() => end("fetch_timeout"), timeoutMs);
    stop = onAbort(signal, (reason) => end("fetch_failed", reason), timer);
  });
  try {
    return await Promise.race([ended, work(controller.signal)]);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("fetch_failed", { url, cause: error });
  } finally {
    stop();
  }
}

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
    stop = onAbort(signal, () => resolve("aborted"), setTimeout(resolve, timeoutMs, "over"));
  });
  return paused.finally(() => stop());
}

/** Listens to a signal, aborted or not yet; what it returns ends that and the timer. */
function onAbort(
  signal: AbortSignal | undefined,
  listener: (reason: unknown) => void,
  timer: ReturnType<typeof setTimeout>,
): () => void {
  const listen = (): void => listener(signal?.reason);
  if (signal?.aborted === true) listen();
  signal?.addEventListener("abort", listen);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", listen);
  };
}
