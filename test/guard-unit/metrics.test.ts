import { expect, it } from "vitest";
import { Metrics, render, sum } from "../../src/guard/metrics.ts";

const KEYS = { trustedUntilAt: undefined, parked: 0 };

it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "counts for an application called %s, in one process and over several",
  (name) => {
    const metrics = new Metrics();
    metrics.decided(name, "accepted", "", 0);
    metrics.failed(name);
    metrics.failed(name);
    // As it arrives from another process.
    const counts = JSON.parse(JSON.stringify(metrics.counts(KEYS)));
    for (const [all, failures] of [
      [metrics.counts(KEYS), 2],
      [sum([counts, counts]), 4],
    ] as const) {
      expect(render(all)).toContain(`postern_target_failures_total{app="${name}"} ${failures}\n`);
    }
  },
);
