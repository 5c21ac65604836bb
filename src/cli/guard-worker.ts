import { once } from "node:events";
import type { GuardOptions } from "../guard/index.ts";
import type { Counts } from "../guard/metrics.ts";
import type { Settled } from "../guard/options.ts";
import { openGuard, type Worker } from "../guard/server.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

/** Messages from a worker to the first process. */
export type Said =
  | { type: "waiting" }
  | { type: "listening"; url: string; isProxy: boolean; trouble: string | undefined }
  | { type: "failed"; code: string | undefined; message: string }
  | { type: "counts"; counts: Counts; isReady: boolean };

/**
 * Messages from the first process to a worker. They contain the options, because the configuration file
 * may have changed since the first process read it.
 */
export type Told =
  | { type: "start" | "reload"; options: GuardOptions }
  | { type: "count" }
  | { type: "drain" };

/** Runs one worker: listens on the shared port and follows the messages of the first process. */
export async function serveAsWorker(
  settle: (options: GuardOptions) => Settled,
  terminal: Terminal,
): Promise<ExitCode> {
  const say = (said: Said): void => void (process.connected && process.send?.(said));
  // The first process also gets the signal, and sends "reload".
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
      // The first process has already checked these options.
      if (told.type === "reload") guard.reload(settle(told.options)).catch(() => {});
    });
  });
  const told = once(process, "message");
  say({ type: "waiting" });
  await Promise.race([told, orphaned]);
  if (options === undefined) {
    // It must end before it started. An open channel would keep the process alive.
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
  // A reload arrived while it fetched the keys.
  if (options !== first) await guard.reload(settle(options)).catch(() => {});
  const { url, isProxy, trouble } = guard;
  say({ type: "listening", url, isProxy, trouble: trouble?.message });
  await Promise.race([drained, orphaned, terminal.interrupted()]);
  await guard.close();
  if (process.connected) process.disconnect();
  return EXIT.accepted;
}
