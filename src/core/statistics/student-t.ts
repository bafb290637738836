import cdf from "@stdlib/stats-base-dists-t-cdf";
import quantile from "@stdlib/stats-base-dists-t-quantile";
import { normalQuantile, normalUpperTail } from "./normal.ts";

/** Degrees of freedom beyond which t is the normal distribution to nine digits. */
const NORMAL_FROM = 1e9;

/** P(T > t) for Student's t; `df` may be fractional or Infinity. */
export const tUpperTail = (t: number, df: number): number => {
  if (t === Number.POSITIVE_INFINITY) return 0;
  if (t === Number.NEGATIVE_INFINITY) return 1;
  return df >= NORMAL_FROM ? normalUpperTail(t) : cdf(-t, df);
};

/** t with P(T <= t) = p. */
export const tQuantile = (p: number, df: number): number =>
  df >= NORMAL_FROM ? normalQuantile(p) : quantile(p, df);

/** One independent part of a variance, and the degrees of freedom it was estimated with (Infinity: known). */
export interface VariancePart {
  readonly variance: number;
  readonly df: number;
}

/**
 * Degrees of freedom of a sum of independent variances (Welch 1947, Satterthwaite 1946). Infinity where every part is
 * known or zero; a part of infinite variance decides alone.
 */
export const welchSatterthwaite = (parts: readonly VariancePart[]): number => {
  const infinite = parts.find((part) => part.variance === Number.POSITIVE_INFINITY);
  if (infinite !== undefined) return infinite.df;
  let sum = 0;
  let denominator = 0;
  for (const { variance, df } of parts) {
    sum += variance;
    denominator += variance ** 2 / df;
  }
  return denominator === 0 ? Number.POSITIVE_INFINITY : sum ** 2 / denominator;
};
