import { expect, test } from "vitest";
import { poissonBeyond } from "../../../src/core/statistics/poisson.ts";

/**
 * SciPy 1.17.1: the least c with `poisson.sf(c - 1, mean) < p`, found upwards from `poisson.isf(p, mean) - 3`.
 */
test.each([
  [0, 1e-3, 1],
  [0, 1e-6, 1],
  [0.01, 1e-3, 2],
  [0.01, 1e-6, 3],
  [0.05, 1e-3, 3],
  [0.3, 1e-3, 4],
  [0.3, 1e-6, 6],
  [1, 1e-3, 6],
  [1, 1e-6, 10],
  [5, 1e-3, 14],
  [5, 1e-6, 20],
  [20, 1e-3, 36],
  [100, 1e-3, 133],
  [480, 1e-3, 550],
  [480, 1e-6, 589],
  [600, 1e-3, 678],
  [600, 1e-6, 721],
  [10_000, 1e-3, 10_311],
  [10_000, 1e-6, 10_480],
  [1_000_000, 1e-3, 1_003_093],
  [1_000_000, 1e-6, 1_004_758],
])("of mean %d, chance below %d begins at %d", (mean, p, count) => {
  expect(poissonBeyond(mean, p)).toBe(count);
});
