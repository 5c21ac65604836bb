import cluster, { type Worker as Process } from "node:cluster";
import { once } from "node:events";
import { showAddress } from "../guard/address.ts";
import { createAdmin } from "../guard/admin.ts";
import { listenAt } from "../guard/listen.ts";
import { type Counts, render, sum } from "../guard/metrics.ts";
import type { Settled } from "../guard/options.ts";
import { openGuard, type Worker } from "../guard/server.ts";
import { EXIT, type ExitCode, type Terminal } from "./terminal.ts";

/** What a worker says. */
type Said =
  | { type: "listening"; url: string; isProxy: boolean; trouble: string | undefined }
  | { type: "failed"; code: string | undefined; message: string }
  | { type: "counts"; counts: Counts; isReady: boolean };

/** What a worker is told. */
type Told = { type: "count" } | { type: "reload" } | { type: "drain" };

/** How long a worker may take to say what it counted. */
const PATIENCE_MS = 2000;

/** A worker's life: it listens on the port that all share, and does what the first process says. */
export async function serveAsWorker(
  settled: Settled,
  read: () => Promise<Settled>,
  terminal: Terminal,
): Promise<ExitCode> {
  const say = (said: Said): void => void process.send?.(said);
  // The first process gets it as well, and passes it on.
  terminal.onHangUp(() => {});
  let guard: Worker;
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
  const drained = new Promise<void>((resolve) => {
    process.on("message", async ({ type }: Told) => {
      if (type === "drain") resolve();
      if (type === "count") {
        say({ type: "counts", counts: guard.counts(), isReady: guard.isReady() });
      }
      if (type === "reload") {
        // The first process has found it right a moment ago.
        await read()
          .then((next) => guard.reload(next))
          .catch(() => {});
      }
    });
    process.once("disconnect", resolve);
  });
  say({
    type: "listening",
    url: guard.url,
    isProxy: guard.isProxy,
    trouble: guard.trouble?.message,
  });
  await Promise.race([drained, terminal.interrupted()]);
  await guard.close();
  if (process.connected) process.disconnect();
  return EXIT.accepted;
}

/**
 * Starts workers, and starts another where one has died. Only this process has the admin listener.
 *
 * @throws {Error} (rejects) with a worker's code, when one cannot listen
 */
export async function directWorkers(
  settled: Settled,
): Promise<Pick<Worker, "url" | "adminUrl" | "isProxy" | "trouble" | "reload" | "close">> {
  const processes = new Set<Process>();
  let isEnding = false;
  const start = (): Process => {
    const worker = cluster.fork();
    const startedAt = Date.now();
    processes.add(worker);
    worker.on("exit", () => {
      processes.delete(worker);
      if (isEnding) return;
      // One that dies at once is not started in a loop.
      setTimeout(() => !isEnding && start(), Date.now() - startedAt < 5000 ? 1000 : 0);
    });
    return worker;
  };
  const end = async (): Promise<void> => {
    isEnding = true;
    const ended = [...processes].map((worker) => once(worker, "exit"));
    for (const worker of processes) tell(worker, { type: "drain" });
    await Promise.all(ended);
  };
  const first = await Promise.all(
    Array.from({ length: settled.workers }, () => firstWords(start())),
  );
  const failed = first.find((said) => said.type === "failed");
  if (failed !== undefined) {
    await end();
    throw Object.assign(new Error(failed.message), { code: failed.code });
  }
  const [said] = first.filter(({ type }) => type === "listening") as (Said & {
    type: "listening";
  })[];
  const ask = async (): Promise<(Said & { type: "counts" })[]> => {
    const asked = [...processes].map((worker) => countsOf(worker));
    return (await Promise.all(asked)).filter((counts) => counts !== undefined);
  };
  const admin = createAdmin({
    async isReady() {
      const all = await ask();
      return !isEnding && all.length > 0 && all.every(({ isReady }) => isReady);
    },
    metrics: async () => render(sum((await ask()).map(({ counts }) => counts))),
  });
  let adminUrl: string | undefined;
  if (settled.admin !== undefined) {
    try {
      adminUrl = showAddress(await listenAt(admin, settled.admin));
    } catch (error) {
      await end();
      throw error;
    }
  }
  return {
    url: said?.url ?? "",
    adminUrl,
    isProxy: said?.isProxy === true,
    trouble: said?.trouble === undefined ? undefined : new Error(said.trouble),
    async reload(next) {
      if (next.isProxy !== settled.isProxy) {
        throw new TypeError("target must stay given or not given until a restart");
      }
      for (const worker of processes) tell(worker, { type: "reload" });
    },
    async close() {
      await end();
      admin.close();
      admin.closeAllConnections();
    },
  };
}

function tell(worker: Process, told: Told): void {
  if (worker.isConnected()) worker.send(told);
}

/** That it listens, or why it does not. */
function firstWords(worker: Process): Promise<Said> {
  return new Promise((resolve) => {
    worker.once("message", (said: Said) => resolve(said));
    worker.once("exit", () =>
      resolve({ type: "failed", code: undefined, message: "a worker ended at once" }),
    );
  });
}

function countsOf(worker: Process): Promise<(Said & { type: "counts" }) | undefined> {
  return new Promise((resolve) => {
    const listen = (said: Said): void => {
      if (said.type === "counts") done(said);
    };
    const done = (said?: Said & { type: "counts" }): void => {
      clearTimeout(timer);
      worker.off("message", listen);
      resolve(said);
    };
    const timer = setTimeout(done, PATIENCE_MS);
    worker.on("message", listen);
    worker.once("exit", () => done());
    tell(worker, { type: "count" });
  });
}
