import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const RESOLUTION_MS = 5;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/** The resources that the process holds at this moment. */
export function openResources() {
  const counts = {};
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Reads the process between two blocks of traffic, without its own resources. */
export class Gauges {
  #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu;

  begin() {
    this.#delay.reset();
    this.#delay.enable();
    this.#cpu = process.cpuUsage();
  }

  /** @param requests the number since the start */
  end(requests) {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#delay.disable();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return {
      memory: heapUsed + external,
      handles: process.getActiveResourcesInfo().length,
      // The histogram has the whole time between two turns of a timer.
      delay: Math.max(0, this.#delay.percentile(50) / 1e6 - RESOLUTION_MS),
      longestDelay: Math.max(0, this.#delay.max / 1e6 - RESOLUTION_MS),
      cpu: (user + system) / requests,
    };
  }
}
