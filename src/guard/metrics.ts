import type { PosternEvent } from "../keys/events.ts";

/** What one process counted; plain data, so that processes can send it to each other. */
export interface Counts {
  /** By application, decision and code, joined by line feeds. */
  readonly requests: { readonly [labels: string]: number };
  /** Decisions that took at most so long, not cumulative; the last is without a bound. */
  readonly buckets: readonly number[];
  readonly seconds: number;
  readonly fetches: { readonly [outcome: string]: number };
  /** Requests that were let in and got no answer, by application. */
  readonly failures: { readonly [app: string]: number };
  /** How long the keys held are trusted from now, if no refresh succeeds. */
  readonly trustSeconds: number;
  /** Requests that wait for keys. */
  readonly parked: number;
}

const BOUNDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Counts what one process decides. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #buckets: number[] = [...BOUNDS, 0].fill(0);
  readonly #fetches: Record<string, number> = { succeeded: 0, failed: 0 };
  readonly #failures = new Map<string, number>();
  #seconds = 0;

  decided(app: string, decision: string, code: string, seconds: number): void {
    const labels = `${app}\n${decision}\n${code}`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    const found = BOUNDS.findIndex((bound) => seconds <= bound);
    const at = found < 0 ? BOUNDS.length : found;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.#seconds += seconds;
  }

  failed(app: string): void {
    this.#failures.set(app, (this.#failures.get(app) ?? 0) + 1);
  }

  heard({ type }: PosternEvent): void {
    if (type !== "refresh_succeeded" && type !== "refresh_failed") return;
    const outcome = type.slice("refresh_".length);
    this.#fetches[outcome] = (this.#fetches[outcome] ?? 0) + 1;
  }

  counts(keys: { readonly trustedUntilAt: number | undefined; readonly parked: number }): Counts {
    return {
      requests: Object.fromEntries(this.#requests),
      buckets: this.#buckets,
      seconds: this.#seconds,
      fetches: this.#fetches,
      failures: Object.fromEntries(this.#failures),
      trustSeconds: Math.max(0, ((keys.trustedUntilAt ?? 0) - Date.now()) / 1000),
      parked: keys.parked,
    };
  }
}

/** What several processes counted together; trust is that of the one that has least. */
export function sum(all: readonly Counts[]): Counts {
  const add = (tables: readonly { readonly [name: string]: number }[]): Record<string, number> => {
    // An application may be called "constructor".
    const total = new Map<string, number>();
    for (const [name, count] of tables.flatMap((table) => Object.entries(table))) {
      total.set(name, (total.get(name) ?? 0) + count);
    }
    return Object.fromEntries(total);
  };
  const over = (read: (counts: Counts) => number): number =>
    all.reduce((total, counts) => total + read(counts), 0);
  return {
    requests: add(all.map(({ requests }) => requests)),
    buckets: [...BOUNDS, 0].map((_, at) => over(({ buckets }) => buckets[at] ?? 0)),
    seconds: over(({ seconds }) => seconds),
    fetches: add(all.map(({ fetches }) => fetches)),
    failures: add(all.map(({ failures }) => failures)),
    trustSeconds: all.length === 0 ? 0 : Math.min(...all.map(({ trustSeconds }) => trustSeconds)),
    parked: over(({ parked }) => parked),
  };
}

/** Prometheus' text format, version 0.0.4. */
export function render({
  requests,
  buckets,
  seconds,
  fetches,
  failures,
  trustSeconds,
  parked,
}: Counts): string {
  const lines: string[] = [];
  const metric = (name: string, type: string, help: string): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  };
  metric("postern_requests_total", "counter", "Requests by application, decision and code.");
  for (const [labels, count] of Object.entries(requests)) {
    const [app, decision, code] = labels.split("\n");
    lines.push(
      `postern_requests_total{app="${app}",decision="${decision}",code="${code}"} ${count}`,
    );
  }
  metric("postern_decision_seconds", "histogram", "How long decisions took.");
  let count = 0;
  for (const [at, bound] of [...BOUNDS, "+Inf"].entries()) {
    count += buckets[at] ?? 0;
    lines.push(`postern_decision_seconds_bucket{le="${bound}"} ${count}`);
  }
  lines.push(`postern_decision_seconds_sum ${seconds}`, `postern_decision_seconds_count ${count}`);
  metric("postern_key_fetches_total", "counter", "Fetches of the key set by outcome.");
  for (const [outcome, times] of Object.entries(fetches)) {
    lines.push(`postern_key_fetches_total{outcome="${outcome}"} ${times}`);
  }
  metric("postern_target_failures_total", "counter", "Requests let in without an answer.");
  for (const [app, times] of Object.entries(failures)) {
    lines.push(`postern_target_failures_total{app="${app}"} ${times}`);
  }
  metric("postern_trust_seconds", "gauge", "How long the keys held are trusted without a refresh.");
  lines.push(`postern_trust_seconds ${trustSeconds}`);
  metric("postern_parked", "gauge", "Requests that wait for keys.");
  lines.push(`postern_parked ${parked}`);
  return `${lines.join("\n")}\n`;
}
