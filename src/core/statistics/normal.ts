import cdf from "@stdlib/stats-base-dists-normal-cdf";
import quantile from "@stdlib/stats-base-dists-normal-quantile";

/** P(Z > z) for a standard normal Z, accurate far into the tail. */
export const normalUpperTail = (z: number): number => cdf(-z, 0, 1);

/** z with P(Z <= z) = p. */
export const normalQuantile = (p: number): number => quantile(p, 0, 1);
