import { randomFor, shuffled } from "./random.ts";

/** Longest block in which a fraction is made exact. */
const LONGEST_BLOCK = 200;

/**
 * The smallest block length in which `fraction` is a whole number of requests: 0.2 -> 5, 0.15 -> 20, 0.3 -> 10.
 * A fraction with no such block up to 200 takes 200, where it is exact to half a percent.
 */
export const blockLength = (fraction: number): number => {
  for (let length = 1; length <= LONGEST_BLOCK; length++) {
    const hits = fraction * length;
    // 49 times a forty-ninth is a little under 1 to a computer.
    if (Math.round(hits) >= 1 && Math.abs(hits - Math.round(hits)) < 1e-9) return length;
  }
  return LONGEST_BLOCK;
};

/**
 * Exact seeded marks for `count` requests in a row: every block of `blockLength(fraction)` holds exactly its share, in
 * seeded order, so base and head meet the same sequence and the realised fraction carries no sampling noise.
 *
 * @param key what the sequence belongs to (experiment, edge, window), so that two never march in step
 */
export const exactMarks = (seed: number, key: string, count: number, fraction: number): boolean[] => {
  if (fraction >= 1) return Array.from({ length: count }, () => true);
  const length = blockLength(fraction);
  const hits = Math.max(1, Math.round(fraction * length));
  const marks: boolean[] = [];
  for (let block = 0; marks.length < count; block++) {
    const pattern = Array.from({ length }, (_, index) => index < hits);
    marks.push(...shuffled(pattern, randomFor(seed, "marks", key, block)));
  }
  return marks.slice(0, count);
};
