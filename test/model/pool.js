import { Worker } from "node:worker_threads";

/**
 * Runs jobs in workers, the first ones first; ends early where a result says so.
 *
 * @param mostSeconds after which what is under way is given up, and the rest is not begun
 * @returns whether all was done that was not ended early by a result
 */
export async function inWorkers(file, jobs, { workers = 2, mostSeconds, onResult }) {
  const waiting = [...jobs];
  const running = new Set();
  let isOver = false;
  let isGivenUp = false;
  const giveUp = () => {
    isOver = true;
    isGivenUp = true;
    for (const worker of running) worker.terminate();
  };
  const timer = mostSeconds === undefined ? undefined : setTimeout(giveUp, mostSeconds * 1000);
  try {
    await Promise.all(
      Array.from({ length: Math.min(workers, jobs.length) }, async () => {
        const worker = new Worker(file);
        running.add(worker);
        try {
          await answer(worker);
          while (waiting.length > 0 && !isOver) {
            worker.postMessage(waiting.shift());
            if (onResult(await answer(worker)) === false) isOver = true;
          }
        } catch (error) {
          if (!isGivenUp) throw error;
        } finally {
          await worker.terminate();
        }
      }),
    );
  } finally {
    clearTimeout(timer);
  }
  return !isGivenUp;
}

/** What there is to do. */
export async function listJobs(file) {
  const worker = new Worker(file);
  try {
    return await answer(worker);
  } finally {
    await worker.terminate();
  }
}

function answer(worker) {
  return new Promise((resolve, reject) => {
    const end = (settle) => (value) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      settle(value);
    };
    const onMessage = end(resolve);
    const onError = end(reject);
    const onExit = end(() => reject(new Error("a worker ended")));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}
