import { describe, expect, it } from "vitest";
import { logSample, moderatedError } from "../../../src/core/statistics/moderated-t.ts";
import { stratifiedDifference } from "../../../src/core/statistics/stratified-t.ts";

const strata = (given: Readonly<Record<string, readonly number[]>>) => new Map(Object.entries(given));

describe("the difference of two samples in strata", () => {
  it("is in one stratum that of the moderated t", () => {
    const [head, base] = [
      [1.2, 1.4, 1.1],
      [0.9, 1.1, 1.3, 0.8],
    ] as const;
    const plain = moderatedError(logSample(head.map(Math.exp)), logSample(base.map(Math.exp)));
    const { difference, se, df } = stratifiedDifference(strata({ a: head }), strata({ a: base }));
    expect(difference).toBeCloseTo(3.7 / 3 - 4.1 / 4, 12);
    expect(se).toBeCloseTo(plain.se, 12);
    expect(df).toBe(plain.df);
  });

  it("leaves out what differs from stratum to stratum", () => {
    const near = stratifiedDifference(
      strata({ a: [1, 1.1], b: [5, 5.1] }),
      strata({ a: [0.9, 1], b: [4.9, 5] }),
    );
    expect(near.difference).toBeCloseTo(0.1, 12);
    // Squares: four times 2 x 0.05^2, beside the prior's 12 x 0.12^2; weights 1 + 1.
    expect(near.se).toBeCloseTo(Math.sqrt((12 * 0.12 ** 2 + 4 * 0.005) / 16 / 2), 12);
    expect(near.df).toBe(16);
  });

  it("puts all values in one where a side lacks a stratum, and loses none", () => {
    const { difference, df } = stratifiedDifference(strata({ a: [1, 1], b: [3] }), strata({ a: [1, 1] }));
    expect(difference).toBeCloseTo(5 / 3 - 1, 12);
    expect(df).toBe(12 + 3);
  });
});
