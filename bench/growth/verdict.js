import { growthExponent } from "../statistics.js";

/** A power of the count below which growth passes for flat, and for linear: caches get colder. */
const FLAT = 0.2;
const LINEAR = 1.2;

/** What a series does, and whether that is no worse than what is natural for it. */
export function judgeGrowth({ points, from = 0, expected }) {
  const exponent = growthExponent(points.filter(([count]) => count >= from));
  const growth = exponent < FLAT ? "flat" : exponent < LINEAR ? "linear" : "worse than linear";
  const passes = exponent < (expected === "flat" ? FLAT : LINEAR);
  return { exponent, growth, passes };
}
