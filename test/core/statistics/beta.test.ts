import { describe, expect, test } from "vitest";
import { chanceAfter } from "../../../src/core/statistics/beta.ts";

describe("the chance of success after some trials", () => {
  // python3 -c "from scipy.stats import beta; a, b = k + 1, n - k + 1; print(beta.mean(a, b), beta.ppf(.025, a, b), beta.ppf(.975, a, b))", SciPy 1.17.1
  test.each([
    [0, 0, 0.5, 0.025, 0.975],
    [3, 3, 0.8, 0.3976353643835253, 0.9936905367902902],
    [5, 5, 0.8571428571428571, 0.5407418735600995, 0.9957892554855106],
    [4, 5, 0.7142857142857143, 0.35876542100232517, 0.9567281317072583],
    [0, 4, 0.16666666666666666, 0.0050507633794680575, 0.5218237501049814],
    [9, 10, 0.8333333333333334, 0.5872200830116173, 0.9771688017000404],
    [8, 10, 0.75, 0.4822441476398273, 0.9397822658270933],
    [20, 20, 0.9545454545454546, 0.8389023847809204, 0.9987951165516364],
  ])("%i of %i is SciPy's", (k, n, mean, low, high) => {
    const chance = chanceAfter(k, n);
    expect(chance.mean).toBeCloseTo(mean, 12);
    expect(chance.interval[0]).toBeCloseTo(low, 9);
    expect(chance.interval[1]).toBeCloseTo(high, 9);
  });
});
