const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls back at a time, or immediately if it is in the past. It reads `until` again before it calls back,
 * because the time may have moved.
 *
 * @param until returns the time in milliseconds since the epoch
 * @returns a function that stops the timer
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
    // The timer must not keep a process alive. Only Node's timers are objects.
    (timer as { unref?: () => void }).unref?.();
  };
  look();
  return () => clearTimeout(timer);
}

/** Returns a copy of an event stream that ends at a time. Returns any other response unchanged. */
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
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        stop();
        controller.close();
      } catch (error) {
        stop();
        // If the stream was closed during the read, this does nothing.
        controller.error(error);
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
