import { normalQuantile } from "./normal.ts";

/** From here on the normal approximation, corrected for continuity and skew (Cornish and Fisher 1938), gives the same counts. */
const LARGE = 500;

/**
 * The smallest count that chance alone reaches with probability below `p`: least c with P(N >= c) < p, N Poisson of this mean.
 * 1 for a mean of 0.
 *
 * @param mean 0 or more, finite
 * @param p 0..1, not below 1e-9
 */
export const poissonBeyond = (mean: number, p: number): number => {
  if (mean > LARGE) {
    const z = -normalQuantile(p);
    return Math.ceil(mean + z * Math.sqrt(mean) + (z * z - 1) / 6 + 0.5);
  }
  let term = Math.exp(-mean);
  let below = term;
  for (let count = 1; ; count++) {
    if (1 - below < p) return count;
    term *= mean / count;
    below += term;
  }
};
