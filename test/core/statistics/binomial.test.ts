import { describe, expect, it } from "vitest";
import { clopperPearsonUpper } from "../../../src/core/statistics/binomial.ts";

describe("Clopper and Pearson's upper limit", () => {
  // python3 -c "from scipy.stats import beta; print(beta.ppf(0.95, k + 1, n - k))", SciPy 1.17
  it.each([
    [0, 5, 0.450719728346941],
    [0, 59, 0.04950760988822693],
    [1, 20, 0.2161061642068473],
    [3, 40, 0.18258685001590122],
    [10, 100, 0.16371762327581477],
  ])("of %i in %i is SciPy's", (k, n, limit) => {
    expect(Math.abs(clopperPearsonUpper(k, n) - limit)).toBeLessThan(1e-9);
  });

  it("is one where nothing was tried, or all failed", () => {
    expect(clopperPearsonUpper(0, 0)).toBe(1);
    expect(clopperPearsonUpper(4, 4)).toBe(1);
  });
});
