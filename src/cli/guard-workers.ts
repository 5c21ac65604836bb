import cluster, { type Worker as Process } from "node:cluster";
import { once } from "node:events";
import { showAddress } from "../guard/address.ts";
import { createAdmin } from "../guard/admin.ts";
import type { GuardOptions } from "../guard/index.ts";
import { listenAt } from "../guard/listen.ts";
import { type Counts, render, sum } from "../guard/metrics.ts";
import type { Settled } from "../guard/options.ts";
import type { Worker } from "../guard/server.ts";
import type { Said, Told } from "./guard-worker.ts";
import type { Terminal } from "./terminal.ts";

/** How long a worker may take to say what it counted. */
const PATIENCE_MS = 2000;

/** One that ends sooner after its start has not recovered. */
const RECOVERED_MS = 5000;

const LONGEST_WAIT_MS = 30_000;

/** The guard as the first process sees it, whose workers answer the requests. */
export interface Director extends Pick<Worker, "url" | "adminUrl" | "isProxy" | "trouble"> {
  reload(next: Settled, options: GuardOptions): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts workers, and starts another where one has died. Only this process has the admin listener.
 *
 * @throws {Error} (rejects) with a worker's code, when one cannot listen
 */
export async function directWorkers(
  settled: Settled,
  given: GuardOptions,
  terminal: Terminal,
): Promise<Director> {
  // Each worker accepts its own connections. With Node's round robin, the first process hands them on, and
  // one that it hands to a dying worker stays open and unanswered.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  let options = withoutFunctions(given);
  let hasStarted = false;
  let isEnding = false;
  let failures = 0;
  const processes = new Set<Process>();
  const waits = new Set<NodeJS.Timeout>();
  const tally = new Tally();
  const start = (): Process => {
    const worker = cluster.fork();
    const startedAt = Date.now();
    processes.add(worker);
    worker.on("message", (said: Said) => {
      if (said.type === "waiting") tell(worker, { type: "start", options });
    });
    worker.on("exit", (code, signal) => {
      processes.delete(worker);
      tally.retire(worker);
      if (isEnding || !hasStarted) return;
      failures = Date.now() - startedAt < RECOVERED_MS ? failures + 1 : 0;
      // 1 s, 2 s, 4 s and so on, so that what always fails does not take the machine.
      const wait = failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures);
      terminal.err(
        `postern guard: a worker ended (${signal ?? code}), another starts in ${wait / 1000} s\n`,
      );
      const timer = setTimeout(() => {
        waits.delete(timer);
        start();
      }, wait);
      waits.add(timer);
    });
    return worker;
  };
  const end = async (): Promise<void> => {
    isEnding = true;
    for (const timer of waits) clearTimeout(timer);
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
  hasStarted = true;
  const [said] = first.filter(({ type }) => type === "listening") as (Said & {
    type: "listening";
  })[];
  const ask = (): Promise<(boolean | undefined)[]> =>
    Promise.all([...processes].map((worker) => tally.ask(worker)));
  const admin = createAdmin({
    async isReady() {
      const answers = await ask();
      return !isEnding && answers.length > 0 && answers.every((isReady) => isReady === true);
    },
    async metrics() {
      await ask();
      return render(tally.total());
    },
  });
  let adminUrl: string | undefined;
  if (settled.admin !== undefined) {
    try {
      adminUrl = showAddress(await listenAt(admin, "admin", settled.admin));
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
    async reload(next, given) {
      if (next.isProxy !== settled.isProxy) {
        throw new TypeError("target must stay given or not given until a restart");
      }
      options = withoutFunctions(given);
      for (const worker of processes) tell(worker, { type: "reload", options });
    },
    async close() {
      await end();
      admin.close();
      admin.closeAllConnections();
    },
  };
}

/** What the workers have counted, those that ended included: a counter never falls. */
class Tally {
  readonly #last = new Map<Process, Counts>();
  #retired: Counts | undefined;

  /** Whether a worker is ready; `undefined` when it does not answer. */
  async ask(worker: Process): Promise<boolean | undefined> {
    const said = await countsOf(worker);
    if (said !== undefined && !worker.isDead()) this.#last.set(worker, said.counts);
    return said?.isReady;
  }

  retire(worker: Process): void {
    const last = this.#last.get(worker);
    this.#last.delete(worker);
    if (last === undefined) return;
    const gone = { ...last, trustSeconds: Number.POSITIVE_INFINITY, parked: 0 };
    this.#retired = this.#retired === undefined ? gone : sum([this.#retired, gone]);
  }

  total(): Counts {
    const living = [...this.#last.values()];
    const { trustSeconds } = sum(living);
    const all = this.#retired === undefined ? living : [...living, this.#retired];
    return { ...sum(all), trustSeconds };
  }
}

/** As it can be sent to another process. */
function withoutFunctions({ fetch: _fetch, writeLog: _write, ...options }: GuardOptions) {
  return options;
}

function tell(worker: Process, told: Told): void {
  if (worker.isConnected()) worker.send(told);
}

/** That it listens, or why it does not. */
function firstWords(worker: Process): Promise<Said> {
  return new Promise((resolve) => {
    worker.on("message", (said: Said) => said.type !== "waiting" && resolve(said));
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
      worker.off("exit", gone);
      resolve(said);
    };
    const gone = (): void => done();
    const timer = setTimeout(done, PATIENCE_MS);
    worker.on("message", listen);
    worker.once("exit", gone);
    tell(worker, { type: "count" });
  });
}
