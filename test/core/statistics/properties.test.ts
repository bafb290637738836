import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clusteredSample,
  estimateQuantile,
  quantileDesignEffect,
} from "../../../src/core/statistics/cluster-quantile.ts";
import { holmRejections } from "../../../src/core/statistics/holm.ts";
import { exceedanceP, newcombeInterval, wilsonInterval } from "../../../src/core/statistics/proportion.ts";
import { quantileOfSorted, sortedCopy } from "../../../src/core/statistics/quantile.ts";

const times = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
  {
    minLength: 1,
    maxLength: 80,
  },
);
const shares = fc.double({ min: 0, max: 1, noNaN: true });
const count = fc
  .tuple(fc.integer({ min: 1, max: 2000 }), shares)
  .map(([n, share]) => ({ k: Math.round(n * share), n }));

describe("any sample", () => {
  it("has quantiles that rise with q and stay inside it", () => {
    fc.assert(
      fc.property(times, shares, shares, (values, one, other) => {
        const sorted = sortedCopy(values);
        const [low, high] = [one, other].sort((a, b) => a - b) as [number, number];
        const [first, second] = [quantileOfSorted(sorted, low), quantileOfSorted(sorted, high)];
        expect(first).toBeLessThanOrEqual(second);
        expect(first).toBeGreaterThanOrEqual(sorted[0] ?? 0);
        expect(second).toBeLessThanOrEqual(sorted.at(-1) ?? 0);
      }),
    );
  });

  it("has errors that are never negative and never NaN, also where half of it is censored", () => {
    fc.assert(
      fc.property(times, shares, fc.integer({ min: 1, max: 7 }), (values, q, blocks) => {
        const sample = clusteredSample(
          values,
          values.map((_, index) => index % blocks),
        );
        const at = quantileOfSorted(sample.sorted, q);
        const effect = q > 0 && q < 1 ? quantileDesignEffect(sample, q, at) : 1;
        expect(effect).toBeGreaterThanOrEqual(0);
        const estimate = estimateQuantile(sample, q, Math.max(1, effect), 5);
        expect(estimate.seDown).toBeGreaterThanOrEqual(0);
        expect(estimate.seUp).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("has no design effect at the very end of its quantiles", () => {
    const sample = clusteredSample([1, 1, 2, 3], [0, 1, 0, 1]);
    for (const q of [Number.MIN_VALUE, 1e-200, 1 - 2 ** -53])
      expect(quantileDesignEffect(sample, q, 1)).toBe(1);
  });

  it("does not care how its blocks are numbered", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 1e6 }), (values, shift) => {
        const blocks = values.map((_, index) => index % 4);
        const one = clusteredSample(values, blocks);
        const other = clusteredSample(
          values,
          blocks.map((block) => shift - block * 17),
        );
        const at = quantileOfSorted(one.sorted, 0.5);
        expect(quantileDesignEffect(other, 0.5, at)).toBeCloseTo(quantileDesignEffect(one, 0.5, at), 9);
      }),
    );
  });
});

describe("any two counts", () => {
  it("have intervals that hold the estimate, inside the possible", () => {
    fc.assert(
      fc.property(count, count, fc.double({ min: 0.01, max: 8, noNaN: true }), (head, base, z) => {
        const [low, high] = wilsonInterval(head, z);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        const change = head.k / head.n - base.k / base.n;
        const interval = newcombeInterval(head, base, z);
        expect(interval[0]).toBeLessThanOrEqual(change);
        expect(interval[1]).toBeGreaterThanOrEqual(change);
        expect(interval[0]).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(interval[1]).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it("have a p value that rises with the margin", () => {
    fc.assert(
      fc.property(count, count, shares, shares, (head, base, one, other) => {
        const [small, large] = [one, other].sort((a, b) => a - b) as [number, number];
        expect(exceedanceP(head, base, small)).toBeLessThanOrEqual(exceedanceP(head, base, large) + 1e-12);
      }),
    );
  });
});

describe("any family of p values", () => {
  it("loses no Bonferroni rejection to Holm, and gains none above alpha", () => {
    fc.assert(
      fc.property(fc.array(shares, { maxLength: 40 }), (pValues) => {
        const rejected = holmRejections(pValues, 0.05);
        const bonferroni = pValues.map((p) => p <= 0.05 / pValues.length);
        expect(bonferroni.filter((certain, index) => certain && rejected[index] !== true)).toEqual([]);
        expect(pValues.filter((p, index) => p > 0.05 && rejected[index] === true)).toEqual([]);
      }),
    );
  });
});
