const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls back when a time has come, at once when it is over. The time is asked for again before: it may
 * have moved.
 *
 * @param until milliseconds since the epoch
 * @returns what ends the waiting
 */
export function onceOver(until: () => number, callBack: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    const left = until() - Date.now();
    if (left <= 0) {
      callBack();
      return;
    }
    timer = setTimeout(look, Math.min(left, LONGEST_TIMER_MS));
    // No process has to stay alive for it. Only Node's timers are objects.
    (timer as { unref?: () => void }).unref?.();
  };
  look();
  return () => clearTimeout(timer);
}

/** A stream of events that ends when its time has come. */
export function endingAt(response: Response, until: number): Response {
  const type = response.headers.get("content-type") ?? "";
  if (!response.body || !type.startsWith("text/event-stream")) return response;
  const reader = response.body.getReader();
  let stop = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      stop = onceOver(
        () => until,
        () => {
          controller.close();
          reader.cancel().catch(() => {});
        },
      );
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      try {
        if (!done) return controller.enqueue(value);
        stop();
        controller.close();
      } catch {
        // It was closed while this was being read.
      }
    },
    cancel(reason) {
      stop();
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
