import { Worker } from "node:worker_threads";

/** Runs jobs in workers, the first ones first; ends early where a result says so. */
export async function inWorkers(file, jobs, { workers = 2, onResult }) {
  const waiting = [...jobs];
  let isOver = false;
  await Promise.all(
    Array.from({ length: Math.min(workers, jobs.length) }, async () => {
      const worker = new Worker(file);
      try {
        await answer(worker);
        while (waiting.length > 0 && !isOver) {
          worker.postMessage(waiting.shift());
          if (onResult(await answer(worker)) === false) isOver = true;
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
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
