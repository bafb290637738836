/** Copy without boxing. NaN is refused: it has no place in an order. */
const rankable = (values: ArrayLike<number>): Float64Array => {
  const { length } = values;
  const copy = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    const value = values[index] as number;
    if (Number.isNaN(value)) throw new RangeError("a sample to be ranked holds NaN");
    copy[index] = value;
  }
  return copy;
};

/** Ascending copy, without boxing. NaN is refused: it has no place in an order. */
export const sortedCopy = (values: ArrayLike<number>): Float64Array => rankable(values).sort();

/** `low` at a position between two order statistics, `weight` of the way to `high`; equal infinities stay what they are. */
const interpolated = (low: number, high: number, weight: number): number =>
  weight === 0 || high === low ? low : low + weight * (high - low);

/** Place of quantile `q` among `count` values: at a whole number an order statistic, else between two. */
const placeOf = (count: number, q: number): number => {
  if (count === 0) throw new RangeError("a quantile of no values was asked for");
  return Math.min(1, Math.max(0, q)) * (count - 1);
};

/**
 * Sample quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7; the default of R and
 * NumPy), clamped to 0 <= q <= 1. A censored value (+Infinity) makes any quantile that touches it +Infinity: it is
 * known only to lie beyond the deadline.
 *
 * @param sorted ascending; must not be empty
 */
export const quantileOfSorted = (sorted: Float64Array, q: number): number => {
  const position = placeOf(sorted.length, q);
  const index = Math.floor(position);
  return interpolated(sorted[index] as number, sorted[index + 1] as number, position - index);
};

/** Below so many values a plain insertion sort is quicker than any partition. */
const FEW = 24;

const insertionSort = (values: Float64Array, from: number, to: number): void => {
  for (let index = from + 1; index <= to; index++) {
    const value = values[index] as number;
    let place = index - 1;
    for (; place >= from && (values[place] as number) > value; place--)
      values[place + 1] = values[place] as number;
    values[place + 1] = value;
  }
};

/** Moves the value of rank `rank` to its place, smaller ones before it and larger ones after it (Hoare 1961). */
const placeRank = (values: Float64Array, rank: number): void => {
  let from = 0;
  let to = values.length - 1;
  while (to - from > FEW) {
    const pivot = values[(from + to) >>> 1] as number;
    let left = from;
    let right = to;
    while (left <= right) {
      while ((values[left] as number) < pivot) left++;
      while ((values[right] as number) > pivot) right--;
      if (left > right) break;
      const swapped = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = swapped;
    }
    if (rank <= right) to = right;
    else if (rank >= left) from = left;
    else return;
  }
  insertionSort(values, from, to);
};

/** As `quantileOfSorted`, of values in any order: for a single quantile they need no full sort. */
export const quantileOf = (values: ArrayLike<number>, q: number): number => {
  const position = placeOf(values.length, q);
  const index = Math.floor(position);
  const ranked = rankable(values);
  placeRank(ranked, index);
  let high = Number.POSITIVE_INFINITY;
  if (index < position)
    for (let above = index + 1; above < ranked.length; above++)
      high = Math.min(high, ranked[above] as number);
  return interpolated(ranked[index] as number, high, position - index);
};

/** Median of values in any order; null of none. */
export const medianOf = (values: ArrayLike<number>): number | null =>
  values.length === 0 ? null : quantileOf(values, 0.5);
