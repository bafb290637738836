/** Ascending copy, without boxing. NaN is refused: it has no place in an order. */
export const sortedCopy = (values: ArrayLike<number>): Float64Array => {
  const sorted = Float64Array.from(values);
  if (sorted.some(Number.isNaN)) throw new RangeError("a sample to be ranked holds NaN");
  return sorted.sort();
};

/**
 * Sample quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7; the default of R and
 * NumPy), clamped to 0 <= q <= 1. A censored value (+Infinity) makes any quantile that touches it +Infinity: it is
 * known only to lie beyond the deadline.
 *
 * @param sorted ascending; must not be empty
 */
export const quantileOfSorted = (sorted: Float64Array, q: number): number => {
  if (sorted.length === 0) throw new RangeError("a quantile of no values was asked for");
  const position = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const index = Math.floor(position);
  const low = sorted[index] as number;
  const weight = position - index;
  if (weight === 0) return low;
  const high = sorted[index + 1] as number;
  return high === low ? low : low + weight * (high - low);
};

/** Median of values in any order; null of none. */
export const medianOf = (values: ArrayLike<number>): number | null =>
  values.length === 0 ? null : quantileOfSorted(sortedCopy(values), 0.5);
