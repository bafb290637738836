/** Median of clustered differences and its standard error: Woodruff's inversion, as in METHOD 5, for few rows too. */
import {
  type ClusteredSample,
  clusteredSample,
  type DesignEffect,
  quantileDesignEffect,
} from "../../statistics/cluster-quantile.ts";
import { quantileOfSorted } from "../../statistics/quantile.ts";
import type { TwinDifferences } from "./difference.ts";

export interface MedianError {
  readonly median: number;
  readonly seDown: number;
  readonly seUp: number;
}

/** Standard errors at which the quantile function is read. */
const WIDTH_Z = 2.5;
/**
 * Never further from the median than this: with 16 to 25 hits in noisy windows 2.5 errors reach the extremes, and one
 * failed hit would make the median's error infinite.
 */
const LARGEST_WIDTH = 0.35;

export const blockedSample = ({ rows, differencesMs }: TwinDifferences): ClusteredSample =>
  clusteredSample(
    differencesMs,
    rows.map((row) => row.block),
  );

export const medianDesignEffect = (sample: ClusteredSample): DesignEffect => ({
  effect: quantileDesignEffect(sample, 0.5, quantileOfSorted(sample.sorted, 0.5)),
  blocks: sample.blocks,
});

export const medianError = (sample: ClusteredSample, designEffect: number): MedianError => {
  const median = quantileOfSorted(sample.sorted, 0.5);
  const unit = Math.sqrt((designEffect * 0.25) / sample.sorted.length);
  const z = Math.min(WIDTH_Z, LARGEST_WIDTH / unit);
  return {
    median,
    seDown: (median - quantileOfSorted(sample.sorted, 0.5 - z * unit)) / z,
    seUp: (quantileOfSorted(sample.sorted, 0.5 + z * unit) - median) / z,
  };
};
