import { parentPort, workerData } from "node:worker_threads";
import { VirtualClock } from "./clock.js";
import { holdFiles } from "./files.js";
import { runInstance } from "./instance.js";
import { HOUR, Issuer, importOnce } from "./issuer.js";
import { newTally } from "./tally.js";
import { makeToken } from "./token.js";
import { longestAccepted, longestRepeated, longestRestarted } from "./withdrawal.js";

const { keys, bundle, folder } = workerData;
// Errors are made by the million here, and nobody reads where.
Error.stackTraceLimit = 0;
const postern = await import(bundle);
await importOnce(keys);
const clock = new VirtualClock();
clock.install();
holdFiles();
const context = { clock, postern, keys, folder, makeToken };

async function instances({ scenario, strategy, from, to }) {
  const tally = newTally(Math.ceil(scenario.end / HOUR));
  const issuer = new Issuer(keys, scenario.rotations);
  for (let index = from; index < to; index++) {
    await runInstance(context, { scenario, strategy, index, issuer, tally });
  }
  return tally;
}

const jobs = {
  instances,
  withdrawal: (job) => longestAccepted(context, job),
  repeated: (job) => longestRepeated(context, job),
  restarted: (job) => longestRestarted(context, job),
};

parentPort.on("message", async (job) => {
  parentPort.postMessage({ id: job.id, result: await jobs[job.kind](job) });
});
