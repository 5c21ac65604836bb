import { own } from "../own.ts";

/** A registered symbol, so that two copies of this package agree. */
const UNNAMED: symbol = Symbol.for("postern.check");

/**
 * The parts of a check that depend on one team and do not name it, without duplicates. A check that this
 * package did not make has none.
 */
export function unnamedParts(check: object = {}): readonly unknown[] {
  return (own(check, UNNAMED) ?? []) as readonly unknown[];
}

/** Marks a check with its parts that do not name their team. */
export function markUnnamed<C extends object>(check: C, parts: readonly unknown[]): C {
  return Object.defineProperty(check, UNNAMED, { value: [...new Set(parts)] });
}
