/**
 * Standard error of a quantile from clustered rows: Woodruff's inversion (Woodruff 1952) with a design effect of the
 * share above the quantile, shrunk towards the run's other scenarios (METHOD 5). No random numbers.
 */
import { quantileOfSorted, sortedCopy } from "./quantile.ts";

/** Values with the block (window) each belongs to. */
export interface ClusteredSample {
  readonly values: Float64Array;
  readonly sorted: Float64Array;
  /** Dense block index per value, 0..blocks-1. */
  readonly blockOf: Int32Array;
  readonly blocks: number;
}

/** @param blockIds any numbers; equal numbers are one block */
export const clusteredSample = (values: ArrayLike<number>, blockIds: ArrayLike<number>): ClusteredSample => {
  if (values.length !== blockIds.length) throw new RangeError("every value needs its block");
  const dense = new Map<number, number>();
  const blockOf = new Int32Array(blockIds.length);
  let [lastId, last] = [Number.NaN, 0];
  for (let index = 0; index < blockOf.length; index++) {
    const id = blockIds[index] as number;
    // Rows of one block mostly follow each other.
    if (id !== lastId) {
      last = dense.get(id) ?? dense.size;
      dense.set(id, last);
      lastId = id;
    }
    blockOf[index] = last;
  }
  const sorted = sortedCopy(values);
  return { values: new Float64Array(values), sorted, blockOf, blocks: dense.size };
};

const LEAST_VARIANCE = 1e-12;

/**
 * D_c of METHOD 5: variance of the share above the quantile between blocks, over its variance for independent rows.
 * Ties at the quantile count half. 1 where fewer than two blocks tell nothing.
 */
export const quantileDesignEffect = (sample: ClusteredSample, q: number, at: number): number => {
  const { values, blockOf, blocks } = sample;
  const total = values.length;
  const independent = (q * (1 - q)) / Math.max(1, total);
  // A quantile at the very end has no rows beyond it to vary.
  if (blocks < 2 || total === 0 || independent < LEAST_VARIANCE) return 1;
  const above = new Float64Array(blocks);
  const sizes = new Float64Array(blocks);
  let sumAbove = 0;
  for (let index = 0; index < total; index++) {
    const block = blockOf[index] as number;
    const value = values[index] as number;
    const part = value > at ? 1 : value === at ? 0.5 : 0;
    sizes[block] = (sizes[block] as number) + 1;
    above[block] = (above[block] as number) + part;
    sumAbove += part;
  }
  const share = sumAbove / total;
  let squares = 0;
  for (let block = 0; block < blocks; block++) {
    squares += ((above[block] as number) - (sizes[block] as number) * share) ** 2;
  }
  return ((blocks / (blocks - 1)) * squares) / total ** 2 / independent;
};

/** A scenario's own design effect and how many blocks it rests on. */
export interface DesignEffect {
  readonly effect: number;
  readonly blocks: number;
}

export interface DesignEffectPool {
  /** Mean of the scenarios' effects, weight B - 1. */
  readonly effect: number;
  /** Prior degrees of freedom: min(30, sum of B - 1). */
  readonly df: number;
}

export const poolDesignEffects = (effects: readonly DesignEffect[]): DesignEffectPool => {
  let weight = 0;
  let sum = 0;
  for (const { effect, blocks } of effects) {
    const own = Math.max(0, blocks - 1);
    weight += own;
    sum += own * effect;
  }
  return { effect: weight === 0 ? 1 : sum / weight, df: Math.min(30, weight) };
};

/** D of METHOD 5: the own effect shrunk towards the pool, never under 1. */
export const shrinkDesignEffect = (own: DesignEffect, pool: DesignEffectPool): number => {
  const weight = Math.max(0, own.blocks - 1) + pool.df;
  if (weight === 0) return Math.max(1, own.effect);
  return Math.max(1, (Math.max(0, own.blocks - 1) * own.effect + pool.df * pool.effect) / weight);
};

/** Width, in standard errors, at which the quantile function is inverted. */
const WOODRUFF_Z = 2.5;

export interface QuantileEstimate {
  readonly quantile: number;
  readonly n: number;
  readonly designEffect: number;
  /** Standard error downwards and upwards (a latency's is not symmetric). */
  readonly seDown: number;
  readonly seUp: number;
  readonly df: number;
  /** Qhat(q - zh) and Qhat(q + zh): a ratio over 2.5 is a cliff. */
  readonly low: number;
  readonly high: number;
}

/** A censored upper end gives `seUp` Infinity; a censored quantile gives both Infinity. */
export const estimateQuantile = (
  sample: ClusteredSample,
  q: number,
  designEffect: number,
  df: number,
): QuantileEstimate => {
  const n = sample.sorted.length;
  const quantile = quantileOfSorted(sample.sorted, q);
  const width = WOODRUFF_Z * Math.sqrt((designEffect * q * (1 - q)) / n);
  const low = quantileOfSorted(sample.sorted, q - width);
  const high = quantileOfSorted(sample.sorted, q + width);
  const censored = quantile === Number.POSITIVE_INFINITY;
  return {
    quantile,
    n,
    designEffect,
    seDown: censored ? Number.POSITIVE_INFINITY : (quantile - low) / WOODRUFF_Z,
    seUp: censored ? Number.POSITIVE_INFINITY : (high - quantile) / WOODRUFF_Z,
    df,
    low,
    high,
  };
};
