/** Each statistic against reference/reference.json (SciPy, NumPy, statsmodels: made by reference/make_reference.py). */
import { describe, expect, it } from "vitest";
import {
  clusteredSample,
  estimateQuantile,
  poolDesignEffects,
  quantileDesignEffect,
  shrinkDesignEffect,
} from "../../../src/core/statistics/cluster-quantile.ts";
import { clusterShare, pooledShareDesignEffect } from "../../../src/core/statistics/cluster-share.ts";
import { holmRejections } from "../../../src/core/statistics/holm.ts";
import { logSample, moderatedError } from "../../../src/core/statistics/moderated-t.ts";
import { exceedanceP, newcombeInterval, wilsonInterval } from "../../../src/core/statistics/proportion.ts";
import { medianOf, quantileOfSorted, sortedCopy } from "../../../src/core/statistics/quantile.ts";
import { tQuantile, tUpperTail, welchSatterthwaite } from "../../../src/core/statistics/student-t.ts";
import reference from "./reference/reference.json" with { type: "json" };

const Z95 = 1.959963984540054;
/** Equal to about ten digits, also for very small numbers. */
const near =
  (expected: number) =>
  (actual: number): boolean =>
    Math.abs(actual - expected) <= 1e-9 * Math.max(1e-3, Math.abs(expected));

describe("quantiles", () => {
  it("equal NumPy's default definition", () => {
    for (const { values, q, expected } of reference.quantiles) {
      const sorted = sortedCopy(values);
      for (const [index, each] of q.entries())
        expect(quantileOfSorted(sorted, each)).toSatisfy(near(expected[index] ?? Number.NaN));
    }
  });

  it("are infinite where they touch a censored value, and only there", () => {
    const sorted = sortedCopy([3, Number.POSITIVE_INFINITY, 1, 2, Number.POSITIVE_INFINITY]);
    expect(quantileOfSorted(sorted, 0.5)).toBe(3);
    expect(quantileOfSorted(sorted, 0.51)).toBe(Number.POSITIVE_INFINITY);
    expect(quantileOfSorted(sorted, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it("of nothing are refused, and so is NaN", () => {
    expect(medianOf([])).toBeNull();
    expect(() => quantileOfSorted(sortedCopy([]), 0.5)).toThrow(RangeError);
    expect(() => sortedCopy([1, Number.NaN])).toThrow(RangeError);
  });
});

describe("Student's t", () => {
  it("has SciPy's upper tail", () => {
    for (const { t, df, upper } of reference.student) expect(tUpperTail(t, df)).toSatisfy(near(upper));
  });

  it("has SciPy's quantiles", () => {
    for (const { p, df, expected } of reference.studentQuantiles)
      expect(tQuantile(p, df)).toSatisfy(near(expected));
  });

  it("takes its degrees of freedom from Welch and Satterthwaite as SciPy's test does", () => {
    for (const { parts, df } of reference.welch) expect(welchSatterthwaite(parts)).toSatisfy(near(df));
  });

  it("gives a known variance no say in the degrees of freedom, and an infinite one all of it", () => {
    const known = { variance: 4, df: Number.POSITIVE_INFINITY };
    expect(welchSatterthwaite([known])).toBe(Number.POSITIVE_INFINITY);
    expect(welchSatterthwaite([known, { variance: Number.POSITIVE_INFINITY, df: 7 }])).toBe(7);
  });
});

describe("proportions", () => {
  it("have Wilson's interval", () => {
    for (const { k, n, expected } of reference.wilson) {
      const interval = wilsonInterval({ k, n }, Z95);
      expect(interval[0]).toSatisfy(near(expected[0] ?? Number.NaN));
      expect(interval[1]).toSatisfy(near(expected[1] ?? Number.NaN));
    }
  });

  it("differ by Newcombe's hybrid interval", () => {
    for (const { head, base, expected } of reference.newcombe) {
      const interval = newcombeInterval(head, base, Z95);
      expect(interval[0]).toSatisfy(near(expected[0] ?? Number.NaN));
      expect(interval[1]).toSatisfy(near(expected[1] ?? Number.NaN));
    }
  });

  it("have the p value at which the lower limit meets the margin", () => {
    const [head, base] = [
      { k: 12, n: 100 },
      { k: 1, n: 100 },
    ];
    const lowerAt95 = newcombeInterval(head, base, Z95)[0];
    expect(exceedanceP(head, base, lowerAt95)).toSatisfy(near(0.025));
    expect(exceedanceP(base, head, 0)).toBe(0.5);
  });

  it("bound zero errors under 3 points only from 88 rows, as the method says", () => {
    const upper = (n: number): number => newcombeInterval({ k: 0, n }, { k: 0, n }, 1.6448536269514722)[1];
    expect(upper(88)).toBeLessThan(0.03);
    expect(upper(87)).toBeGreaterThan(0.03);
  });
});

describe("Holm's procedure", () => {
  it("rejects what statsmodels rejects", () => {
    for (const { p, alpha, expected } of reference.holm) expect(holmRejections(p, alpha)).toEqual(expected);
  });

  it("steps down: the second smallest needs to beat less", () => {
    expect(holmRejections([0.04, 0.02], 0.05)).toEqual([true, true]);
    expect(holmRejections([0.04, 0.03], 0.05)).toEqual([false, false]);
  });
});

describe("quantiles of clustered rows", () => {
  it("have the reference's design effect and Woodruff errors", () => {
    for (const each of reference.clusterQuantile) {
      const sample = clusteredSample(each.values, each.blocks);
      const effect = quantileDesignEffect(sample, each.q, each.quantile);
      expect(effect).toSatisfy(near(each.effect));
      const estimate = estimateQuantile(sample, each.q, Math.max(1, effect), 10);
      expect(estimate.quantile).toSatisfy(near(each.quantile));
      expect(estimate.seDown).toSatisfy(near(each.seDown));
      expect(estimate.seUp).toSatisfy(near(each.seUp));
    }
  });

  it("shrink a design effect towards the run's pool, never under 1", () => {
    const pool = poolDesignEffects([
      { effect: 2, blocks: 5 },
      { effect: 6, blocks: 13 },
    ]);
    expect(pool).toEqual({ effect: 5, df: 16 });
    expect(shrinkDesignEffect({ effect: 1, blocks: 5 }, pool)).toBeCloseTo((4 * 1 + 16 * 5) / 20, 12);
    expect(shrinkDesignEffect({ effect: 0.1, blocks: 50 }, { effect: 0.2, df: 30 })).toBe(1);
    expect(poolDesignEffects([{ effect: 3, blocks: 99 }]).df).toBe(30);
  });
});

describe("shares of clustered rows", () => {
  it("have statsmodels' cluster-robust variance", () => {
    for (const { counts, share, variance } of reference.clusterShare) {
      const own = clusterShare(counts);
      expect(own.share).toSatisfy(near(share));
      expect(own.clusterVariance).toSatisfy(near(variance));
    }
  });

  it("pool to one design effect inside its limits", () => {
    const even = clusterShare([
      { k: 1, n: 10 },
      { k: 1, n: 10 },
    ]);
    const bursts = clusterShare([
      { k: 10, n: 10 },
      { k: 0, n: 10 },
    ]);
    expect(pooledShareDesignEffect([even], 1, 4)).toBe(1);
    expect(pooledShareDesignEffect([bursts], 1, 4)).toBe(4);
    expect(pooledShareDesignEffect([], 1, 4)).toBe(1);
  });
});

describe("moderated error of log times", () => {
  it("follows the method's formula", () => {
    const [head, base] = [logSample([1000, 1200, 900]), logSample([800, 1000, 1100, 950])];
    const squares = 12 * 0.12 ** 2 + 2 * head.variance + 3 * base.variance;
    const { se, df } = moderatedError(head, base);
    expect(df).toBe(12 + 3 + 4 - 2);
    expect(se).toSatisfy(near(Math.sqrt((squares / df) * (1 / 3 + 1 / 4))));
  });

  it("refuses a time that is not positive", () => {
    expect(() => logSample([0])).toThrow(RangeError);
  });
});
