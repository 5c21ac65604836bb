import { own } from "../own.ts";

/** Of the registry of symbols, so that two copies of this package agree. */
const UNNAMED: symbol = Symbol.for("postern.check");

/**
 * Those parts of a check that mean people of one team and do not name it, each once. A check that this
 * package did not make lists none.
 */
export function unnamedParts(check: object = {}): readonly unknown[] {
  return (own(check, UNNAMED) ?? []) as readonly unknown[];
}

/** Lists in a check its parts that do not name their team. */
export function markUnnamed<C extends object>(check: C, parts: readonly unknown[]): C {
  return Object.defineProperty(check, UNNAMED, { value: [...new Set(parts)] });
}
