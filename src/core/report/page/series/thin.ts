/** As many points as a line of 700 pixels can show, however many were measured. */

/** A run takes minutes; a stored profile may claim anything. What is later than eleven days is not drawn. */
export const LATEST_MS = 1e9;

/** ms from the run's start. */
export const isDrawable = (atMs: number): boolean => atMs >= 0 && atMs <= LATEST_MS;

/** 1, 2, 5, 10, 20, 50 ... */
const nextWidth = (width: number): number =>
  width.toExponential().startsWith("2") ? width * 2.5 : width * 2;

/** Smallest width, from `least` on, at which the times fall into `most` (2 and up) bins or fewer. Bins without any time do not count. */
export const binWidth = (times: Iterable<number>, most: number, least = 1): number => {
  const finest = new Set<number>();
  for (const time of times) finest.add(Math.floor(time / least));
  const binsOf = (width: number): number => {
    const bins = new Set<number>();
    for (const bin of finest) bins.add(Math.floor((bin * least) / width));
    return bins.size;
  };
  let width = least;
  // Every width is a whole multiple of the finest one, so that bins of bins are bins of times.
  while (binsOf(width) > Math.max(2, most)) width = nextWidth(width);
  return width;
};

/**
 * Each stretch of points keeps its first, its last, its lowest and its highest one: no peak and no fall is lost.
 *
 * @param most at least 4; not more than so many come back
 */
export const thinned = <Point>(
  points: readonly Point[],
  most: number,
  valueOf: (point: Point) => number,
): readonly Point[] => {
  const { length } = points;
  if (length <= most) return points;
  const stretches = Math.max(1, Math.floor(most / 4));
  const kept: Point[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches) - 1;
    let low = from;
    let high = from;
    for (let place = from + 1; place <= to; place++) {
      const value = valueOf(points[place] as Point);
      if (value < valueOf(points[low] as Point)) low = place;
      if (value > valueOf(points[high] as Point)) high = place;
    }
    for (const place of new Set([from, low, high, to].sort((a, b) => a - b)))
      kept.push(points[place] as Point);
  }
  return kept;
};

/** @returns the points, each with the number of its unbroken piece: a line breaks where nothing was measured for longer than `gapS` */
export const inSegments = <Point extends object>(
  points: readonly Point[],
  atOf: (point: Point) => number,
  gapS: number,
): readonly (Point & { readonly segment: number })[] => {
  let segment = 0;
  let before: number | null = null;
  return points.map((point) => {
    const at = atOf(point);
    if (before !== null && at - before > gapS) segment++;
    before = at;
    return { ...point, segment };
  });
};
