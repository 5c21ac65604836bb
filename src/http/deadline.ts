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
  const leave = signal === undefined ? undefined : join(signal, listen);
  return () => {
    clearTimeout(timer);
    leave?.();
  };
}

const waiting = new WeakMap<EventTarget, Set<() => void>>();

/** One listener for all who wait on a signal: at the eleventh, Node warns of a leak. */
function join(signal: AbortSignal, listen: () => void): () => void {
  const all = waiting.get(signal) ?? new Set();
  waiting.set(signal, all);
  if (all.size === 0) signal.addEventListener("abort", tellAll);
  all.add(listen);
  return () => {
    all.delete(listen);
    if (all.size === 0) signal.removeEventListener("abort", tellAll);
  };
}

function tellAll({ target }: { readonly target: unknown }): void {
  for (const listen of waiting.get(target as EventTarget) ?? []) listen();
}
