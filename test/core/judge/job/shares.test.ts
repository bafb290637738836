/** Few runs against few: p values beside reference.py, which needs nothing but Python. */
import { describe, expect, it } from "vitest";
import { compareShares } from "../../../../src/core/judge/job/shares.ts";
import type { Count } from "../../../../src/core/statistics/proportion.ts";

const subject = {
  scenario: "killed",
  metric: "not-completed",
  unit: "share",
  primary: true,
  method: "stored",
} as const;

const of = (k: number, n: number): Count => ({ k, n });

/** `python3 reference.py` */
const REFERENCE: readonly (readonly [head: Count, base: Count, p: number])[] = [
  [of(3, 3), of(0, 3), 0.00355960991],
  [of(3, 3), of(0, 6), 0.0006589350013],
  [of(3, 3), of(0, 9), 0.0001756713255],
  [of(2, 3), of(0, 3), 0.03910717836],
  [of(2, 3), of(0, 9), 0.005528768495],
  [of(1, 3), of(0, 9), 0.05614790116],
  [of(3, 3), of(1, 9), 0.001527780724],
  [of(9, 9), of(0, 9), 1.570924223e-6],
];

describe("a share of few runs", () => {
  it("has the p value that an independent computation gives", () => {
    for (const [head, base, p] of REFERENCE)
      expect((compareShares(subject, head, base).p ?? 0) / p).toBeCloseTo(1, 6);
  });

  it("of none against none is bounded from three runs on, and takes part in no test", () => {
    expect(compareShares(subject, of(0, 3), of(0, 3))).toMatchObject({ label: "ok", p: null });
    expect(compareShares(subject, of(0, 3), of(0, 3)).details["upper"]).toBeCloseTo(0.4741955742, 9);
    expect(compareShares(subject, of(0, 2), of(0, 9))).toMatchObject({ label: "unbounded", p: null });
  });

  it("that is lower than before is no regression, and one that was as high before is bounded", () => {
    expect(compareShares(subject, of(0, 3), of(3, 9))).toMatchObject({ label: "ok", p: 0.5 });
    expect(compareShares(subject, of(3, 3), of(9, 9))).toMatchObject({ label: "ok", p: 0.5 });
  });

  it("of no runs is not measured, and no pass waits for it", () => {
    for (const [head, base] of [
      [of(0, 0), of(0, 9)],
      [of(0, 3), of(0, 0)],
    ] as const)
      expect(compareShares(subject, head, base)).toMatchObject({ refused: "not-measured", primary: false });
  });
});
