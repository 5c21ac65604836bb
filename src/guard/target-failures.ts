/** How often one application's failures are mentioned. */
const EVERY_MS = 60_000;

/** Says why an application gave no answer. */
export type TellFailure = (app: string, reason: string) => void;

/** Writes the first failure of each application, and then at most one a minute. */
export function createTellFailure(write: (line: string) => void): TellFailure {
  const lastAt = new Map<string, number>();
  return (app, reason) => {
    const now = performance.now();
    if (now - (lastAt.get(app) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    lastAt.set(app, now);
    write(`postern guard: ${reason} Callers get 502 or 504 until it answers (${app}).`);
  };
}
