import { growthExponent } from "../statistics.js";

/** The powers of the count below which growth counts as flat, and as linear. */
export const FLAT = 0.3;
export const LINEAR = 1.2;

/** How a series grows, and whether that is as expected or better; counts below `from` are noise. */
export function judgeGrowth({ points, from = 0, expected }) {
  const exponent = growthExponent(points.filter(([count]) => count >= from));
  const growth = exponent < FLAT ? "flat" : exponent < LINEAR ? "linear" : "worse than linear";
  const passes = exponent < (expected === "flat" ? FLAT : LINEAR);
  return { exponent, growth, passes };
}
