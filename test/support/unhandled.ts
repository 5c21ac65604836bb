import { vi } from "vitest";

/** Does something, and counts the rejections that nobody has handled a turn of the event loop later. */
export async function unhandledIn(work: () => unknown): Promise<number> {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  try {
    await work();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  } finally {
    process.off("unhandledRejection", unhandled);
  }
  return unhandled.mock.calls.length;
}
