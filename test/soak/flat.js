/**
 * Compares the last third of a series with the first. Each third counts by its median, so that a
 * few slow moments of the machine decide nothing, but a series that rises slowly still shows.
 * @param values in the order of measurement
 * @param limit the share, and the constant beside it, by which the last third may be higher
 */
export function compareThirds(values, { share, slack }) {
  const third = Math.floor(values.length / 3);
  if (third === 0) throw new RangeError("a series of fewer than three values has no thirds");
  const first = median(values.slice(0, third));
  const last = median(values.slice(-third));
  return { first, last, isFlat: last <= first * (1 + share) + slack };
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
