/** A search under way: which level is tried next, and when enough is known. */
import { nextLevel, posteriorOf, quantileOfPosterior } from "./posterior.ts";
import type { FrontierRange, FrontierStep } from "./range.ts";

/** Windows a search may take. */
export const MOST_FRONTIER_STEPS = 14;
/**
 * It ends earlier where so much of the posterior lies within a level of its median: a comparison of two frontiers needs their far tails,
 * not their middles.
 */
const SURE = 0.9995;
/** And of these levels one stands out. */
const CLEAR = 0.8;

/** How sure the interval of a frontier is. */
const CONFIDENCE = 0.95;

export interface FrontierInterval {
  /** Levels tolerated, from the weakest: the likeliest in the middle, and both ends of the 95 % interval. */
  readonly tolerated: number;
  readonly low: number;
  readonly high: number;
}

export const intervalOf = (posterior: readonly number[]): FrontierInterval => ({
  tolerated: quantileOfPosterior(posterior, 0.5),
  low: quantileOfPosterior(posterior, (1 - CONFIDENCE) / 2),
  high: quantileOfPosterior(posterior, (1 + CONFIDENCE) / 2),
});

/** Null: it ends, either because the place is known to a level or because the steps are used up. */
export const nextStep = (
  range: FrontierRange,
  allowed: readonly number[],
  steps: readonly FrontierStep[],
): number | null => {
  if (steps.length >= MOST_FRONTIER_STEPS) return null;
  const posterior = posteriorOf(range, allowed, steps);
  const { tolerated } = intervalOf(posterior);
  const near = posterior
    .slice(Math.max(0, tolerated - 1), tolerated + 2)
    .reduce((sum, each) => sum + each, 0);
  const isKnown = near >= SURE && (posterior[tolerated] ?? 0) >= CLEAR;
  return isKnown ? null : nextLevel(posterior);
};
