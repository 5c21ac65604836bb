// What is counted. Tallies of two instances can be added, in whatever order they were run.

/** One percent a step, from a tenth of a millisecond to an hour. */
const STEPS = 1800;
const FACTOR = 1.01;

export class Latencies {
  counts = new Array(STEPS).fill(0);
  longest = 0;

  add(ms) {
    const step = ms <= 0 ? 0 : 1 + Math.round(Math.log(ms * 10) / Math.log(FACTOR));
    this.counts[Math.min(STEPS - 1, Math.max(0, step))]++;
    this.longest = Math.max(this.longest, ms);
  }

  /** What the results file keeps; the report reads these names from it. */
  toJSON() {
    const { atOnce, median, p99, longest } = this;
    return { atOnce, median, p99, longest };
  }

  /** How many did not wait. */
  get atOnce() {
    return this.counts[0];
  }

  get median() {
    return this.quantile(0.5);
  }

  get p99() {
    return this.quantile(0.99);
  }

  /** In milliseconds, within one percent. */
  quantile(share) {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [step, count] of this.counts.entries()) {
      seen += count;
      if (seen >= share * total && count > 0) return step === 0 ? 0 : FACTOR ** (step - 1) / 10;
    }
    return 0;
  }
}

const verdicts = () => ({ ok: 0, 401: 0, 503: 0 });

export function newTally(hours) {
  const phases = ["calm", "rotation", "start", "outage", "flood", "after"];
  const per = (make) => Object.fromEntries(phases.map((phase) => [phase, make()]));
  return {
    instances: 0,
    /** Genuine tokens: of a kid that the instance had, of one that was new to it, or with no keys yet. */
    genuine: { known: verdicts(), new: verdicts(), cold: verdicts() },
    /** The same by the kind of hour in which they came. */
    answered: per(verdicts),
    forged: verdicts(),
    /** Starts after the first. */
    restarts: per(() => 0),
    /** Fetches in one hour of one instance. */
    fetches: per(() => ({ sum: 0, most: 0, hours: 0 })),
    waited: per(() => new Latencies()),
    /** The longest that a token under a known kid waited on an instance in use, in a calm hour. */
    inUseWaited: 0,
    /** How long after its first use a key was still refused. */
    newKeyRefusedFor: 0,
    slowestExchange: 0,
    hours: Array.from({ length: hours }, () => ({ fetches: 0, genuine: 0, refused: 0 })),
  };
}

/** Adds another tally, which may have come through a message without its classes. */
export function addTally(sum, other) {
  for (const [name, value] of Object.entries(other)) {
    if (typeof value !== "number") addTally(sum[name], value);
    else if (LARGEST.has(name)) sum[name] = Math.max(sum[name], value);
    else sum[name] += value;
  }
  return sum;
}

const LARGEST = new Set(["most", "longest", "inUseWaited", "newKeyRefusedFor", "slowestExchange"]);

export function sumOf(...verdictCounts) {
  return verdictCounts.reduce((sum, counts) => sum + counts.ok + counts[401] + counts[503], 0);
}
