/**
 * How many of all requests were answered well within a time: the empirical distribution function of censored latencies. Failed
 * requests count in `n` and are never answered, so the curve ends below 1 by their share.
 */
import { quantileOfSorted, sortedCopy } from "../../../statistics/quantile.ts";

export interface EcdfPoint {
  readonly latencyMs: number;
  /** Of all requests, 0..1: at most so late and not failed. */
  readonly share: number;
}

export interface Ecdf {
  readonly n: number;
  readonly failed: number;
  /** Quantiles over all requests, failed ones last: +Infinity where they are reached. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Ascending in both; each lies on the curve. Empty where every request failed. */
  readonly points: readonly EcdfPoint[];
}

/** Of the points a quarter each for the fastest and the slowest, closer and closer to the end. */
const TAIL_PART = 0.25;

/**
 * Which of so many sorted values are drawn: all of few; of many evenly spaced ones, and more of both tails.
 *
 * @returns ascending places, the first and the last always among them, no more than `most` (at least 8)
 */
export const thinnedPlaces = (count: number, most: number): readonly number[] => {
  const room = Math.max(8, most);
  if (count <= room) return Array.from({ length: count }, (_, place) => place);
  const tail = Math.floor(TAIL_PART * room);
  const middle = room - 2 * tail;
  const places = new Set<number>();
  for (let step = 0; step < tail; step++) {
    const distance = Math.round((count / 2) ** (step / (tail - 1))) - 1;
    places.add(distance).add(count - 1 - distance);
  }
  for (let step = 0; step < middle; step++) places.add(Math.round(((step + 0.5) / middle) * (count - 1)));
  return [...places].sort((a, b) => a - b);
};

/**
 * @param latenciesMs +Infinity for a failed request; NaN is refused (RangeError)
 * @param mostPoints of the curve
 * @returns null of no requests
 */
export const ecdfOf = (latenciesMs: ArrayLike<number>, mostPoints: number): Ecdf | null => {
  const sorted = sortedCopy(latenciesMs);
  const n = sorted.length;
  if (n === 0) return null;
  const firstFailed = sorted.indexOf(Number.POSITIVE_INFINITY);
  const answered = firstFailed === -1 ? n : firstFailed;
  const points: EcdfPoint[] = [];
  for (const place of thinnedPlaces(answered, mostPoints)) {
    const latencyMs = sorted[place] as number;
    if (points.at(-1)?.latencyMs === latencyMs) continue;
    // Of equal times the last one tells how many there are; found by halves, since there may be thousands.
    let [low, high] = [place, answered - 1];
    while (low < high) {
      const half = Math.ceil((low + high) / 2);
      if (sorted[half] === latencyMs) low = half;
      else high = half - 1;
    }
    points.push({ latencyMs, share: (low + 1) / n });
  }
  return {
    n,
    failed: n - answered,
    p50Ms: quantileOfSorted(sorted, 0.5),
    p95Ms: quantileOfSorted(sorted, 0.95),
    p99Ms: quantileOfSorted(sorted, 0.99),
    points,
  };
};
