import { once } from "node:events";
import type { GuardOptions } from "../guard/index.ts";
import type { Counts } from "../guard/metrics.ts";
import type { Settled } from "../guard/options.ts";
import { openGuard, type Worker } from "../guard/server.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

/** What a worker says to the first process. */
export type Said =
  | { type: "waiting" }
  | { type: "listening"; url: string; isProxy: boolean; trouble: string | undefined }
  | { type: "failed"; code: string | undefined; message: string }
  | { type: "counts"; counts: Counts; isReady: boolean };

/**
 * What a worker is told. The options come from the first process and not from the file, which may have
 * been changed or broken since.
 */
export type Told =
  | { type: "start" | "reload"; options: GuardOptions }
  | { type: "count" }
  | { type: "drain" };

/** A worker's life: it listens on the port that all share, and does what the first process says. */
export async function serveAsWorker(
  settle: (options: GuardOptions) => Settled,
  terminal: Terminal,
): Promise<ExitCode> {
  const say = (said: Said): void => void (process.connected && process.send?.(said));
  // The first process gets it as well, and passes it on.
  terminal.onHangUp(() => {});
  const orphaned = once(process, "disconnect");
  let guard: Worker | undefined;
  let options: GuardOptions | undefined;
  const drained = new Promise<void>((resolve) => {
    process.on("message", (told: Told) => {
      if (told.type === "drain") resolve();
      if (told.type === "start" || told.type === "reload") options = told.options;
      if (guard === undefined) return;
      if (told.type === "count") {
        say({ type: "counts", counts: guard.counts(), isReady: guard.isReady() });
      }
      // The first process has found the options right a moment ago.
      if (told.type === "reload") guard.reload(settle(told.options)).catch(() => {});
    });
  });
  const told = once(process, "message");
  say({ type: "waiting" });
  await Promise.race([told, orphaned]);
  if (options === undefined) {
    // Told to end before it began; an open channel would keep it alive.
    if (process.connected) process.disconnect();
    return EXIT.accepted;
  }
  const first: GuardOptions = options;
  const settled = settle(first);
  try {
    guard = await openGuard({
      ...settled,
      admin: undefined,
      maxConnections: Math.ceil(settled.maxConnections / settled.workers),
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    say({ type: "failed", code, message });
    process.disconnect();
    return EXIT.usage;
  }
  // Told while it fetched its keys.
  if (options !== first) await guard.reload(settle(options)).catch(() => {});
  const { url, isProxy, trouble } = guard;
  say({ type: "listening", url, isProxy, trouble: trouble?.message });
  await Promise.race([drained, orphaned, terminal.interrupted()]);
  await guard.close();
  if (process.connected) process.disconnect();
  return EXIT.accepted;
}
