import { compareThirds, median } from "./flat.js";

/** The margin of the last third above the first; times depend on the machine. */
const LIMITS = {
  memory: { share: 0.02, slack: 2 ** 20 },
  handles: { share: 0.1, slack: 4 },
  delay: { share: 1, slack: 5 },
  cpu: { share: 0.3, slack: 100 },
};

/** The same as a number, when the first third is known. */
export function allowance(gauge, first) {
  const { share, slack } = LIMITS[gauge];
  return first * share + slack;
}

/**
 * A gauge's readings, one for each round, without the first rounds, in which caches fill and code
 * is compiled.
 */
export function readings(samples, gauge) {
  const rounds = [];
  for (const { round, [gauge]: value } of samples) {
    rounds[round] ??= [];
    rounds[round].push(value);
  }
  return rounds.slice(Math.ceil(rounds.length / 5)).map(median);
}

/** The conditions on a run, each with the finding. */
export function judge({ samples, requests, tally, wrong, left }) {
  const gauge = (name, title) => ({
    title,
    ...compareThirds(readings(samples, name), LIMITS[name]),
  });
  const gauges = {
    memory: gauge("memory", "memory does not grow"),
    handles: gauge("handles", "the number of open handles does not grow"),
    delay: gauge("delay", "the event loop delay does not grow"),
    cpu: gauge("cpu", "CPU time per request does not grow"),
  };
  const wrongs = [...tally.values()].reduce((sum, kind) => sum + kind.wrong, 0);
  return {
    gauges,
    checks: [
      {
        title: `all ${requests.toLocaleString("en")} requests get the right answer`,
        isMet: requests > 0 && wrongs === 0,
        found: [...wrong].map(([words, times]) => `${times} × ${words}`).join("; "),
      },
      ...Object.values(gauges).map(({ title, first, last, isFlat }) => ({
        title,
        isMet: isFlat,
        found: `${first.toFixed(2)} in the first third, ${last.toFixed(2)} in the last`,
      })),
      {
        title: "nothing is left open at the end",
        isMet: left.length === 0,
        found: left.map(([type, count]) => `${count} ${type}`).join(", "),
      },
    ],
  };
}
