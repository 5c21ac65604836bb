/** How a wait ended. */
export type Pause = "settled" | "over" | "aborted";

/** Waits for a promise that never rejects, or for nothing. Never longer than the limit. */
export function pause(
  timeoutMs: number,
  awaited?: Promise<unknown>,
  signal?: AbortSignal,
): Promise<Pause> {
  let stop = (): void => {};
  const paused = new Promise<Pause>((resolve) => {
    awaited?.then(() => resolve("settled"));
    const timer = setTimeout(resolve, timeoutMs, "over");
    stop = onAbort(signal, () => resolve("aborted"), timer);
  });
  return paused.finally(() => stop());
}

/** Listens to a signal, which may be aborted already. Call the result to stop listening and clear the timer. */
export function onAbort(
  signal: AbortSignal | undefined,
  listen: () => void,
  timer: ReturnType<typeof setTimeout>,
): () => void {
  if (signal?.aborted === true) listen();
  const leave = signal === undefined ? undefined : join(signal, listen);
  return () => {
    clearTimeout(timer);
    leave?.();
  };
}

const waiting = new WeakMap<EventTarget, Set<() => void>>();

/** One listener for all waits on a signal: at the eleventh, Node warns of a leak. */
function join(signal: AbortSignal, listen: () => void): () => void {
  const all = waiting.get(signal) ?? new Set();
  waiting.set(signal, all);
  if (all.size === 0) signal.addEventListener("abort", callAll);
  all.add(listen);
  return () => {
    all.delete(listen);
    if (all.size === 0) signal.removeEventListener("abort", callAll);
  };
}

function callAll({ target }: { readonly target: unknown }): void {
  for (const listen of waiting.get(target as EventTarget) ?? []) listen();
}
