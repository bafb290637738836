import { describe, expect, it } from "vitest";
import { lossCurve, lossDistance, lossTolerance } from "../../../src/core/job/loss.ts";
import type { JobRun } from "../../../src/core/job/run.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { jobProfile } from "../../support/job-runs.ts";
import { aRun, type Logged, life } from "./runs.ts";

const trained = (losses: readonly (number | null)[], more: readonly Logged[] = []): JobRun =>
  aRun({
    scenario: "control",
    attempts: [life(0, 5000, "own", 0)],
    steps: [...losses.map((loss, index): Logged => [index + 1, 100 * (index + 1), loss]), ...more],
  });

const profileOf = (...jobRuns: readonly JobRun[]): Profile => ({
  ...jobProfile({ seed: 1, repeats: 0 }),
  jobRuns,
});

/** Eight decimals: nothing is rounded. */
const exact = 1e-8;

describe("the losses of calm runs by step", () => {
  it("are medians of what each run logged last", () => {
    const curve = lossCurve([
      trained([4, 3, 2], [[3, 900, 2.5]]),
      trained([4.1, 3.1, 2.6]),
      trained([9, 9, 2.4]),
    ]);
    expect([...(curve?.at ?? [])]).toEqual([
      [1, 4.1],
      [2, 3.1],
      [3, 2.5],
    ]);
  });

  it("are none where no loss was told", () => {
    expect(lossCurve([trained([null, null])])).toBeNull();
    expect(lossCurve([])).toBeNull();
  });
});

describe("how far a run's loss lies from them", () => {
  const curve = lossCurve([trained([4 + exact, 2, 1])]);
  const distance = (run: JobRun) => (curve === null ? null : lossDistance(run, curve));

  it("is the largest relative distance over all that it logged, steps done again too", () => {
    expect(
      distance(
        trained(
          [4, 2.1, 1],
          [
            [2, 900, 2.4],
            [3, 950, 1.1],
          ],
        ),
      ),
    ).toMatchObject({ step: 2, loss: 2.4, expected: 2 });
    expect(distance(trained([4, 2.1, 1], [[2, 900, 2.4]]))?.distance).toBeCloseTo(0.2, 6);
  });

  it("is null where it has no loss at any of their steps", () => {
    expect(distance(trained([null, null, null]))).toBeNull();
    expect(distance(aRun({ attempts: [], steps: [[77, 10, 3]] }))).toBeNull();
  });

  it("leaves out one unit of the last digit that is logged", () => {
    const rounded = lossCurve([trained([4.12, 2.31])]);
    const of = (loss: number): number =>
      rounded === null ? Number.NaN : (lossDistance(trained([4.12, loss]), rounded)?.distance ?? Number.NaN);
    expect(of(2.32)).toBe(0);
    expect(of(2.33)).toBeCloseTo(0.01 / 2.31, 6);
  });

  it("takes a loss near zero for one at a hundredth of the largest", () => {
    const low = lossCurve([trained([4 + exact, 0.001])]);
    expect(low === null ? null : lossDistance(trained([4, 0.005]), low)?.distance).toBeCloseTo(
      0.004 / 0.04,
      5,
    );
  });
});

describe("what is too far", () => {
  it("is three times what calm runs differ from the median of the others", () => {
    const tolerance = lossTolerance([
      profileOf(trained([4 + exact, 2]), trained([4, 2.02]), trained([4, 2])),
    ]);
    // The second is 1 % from the others; the first and third half of that from theirs.
    expect(tolerance).toBeCloseTo(3 * 0.01, 5);
  });

  it("is learned from each profile's calm runs among themselves, and the widest counts", () => {
    const steady = profileOf(trained([4 + exact, 2]), trained([4, 2]));
    const other = profileOf(trained([8 + exact, 6]), trained([8, 6.03]));
    expect(lossTolerance([steady, other])).toBeCloseTo(3 * (0.03 / 6), 4);
  });

  it("is never less than a thousandth, and unknown of single runs", () => {
    expect(lossTolerance([profileOf(trained([4, 2]), trained([4, 2]))])).toBe(1e-3);
    expect(lossTolerance([profileOf(trained([4, 2]))])).toBeNull();
  });

  it("is not learned from runs that were struck, did not count, or did not complete", () => {
    const wild = trained([4, 3]);
    expect(
      lossTolerance([
        profileOf(
          trained([4 + exact, 2]),
          trained([4, 2]),
          { ...wild, scenario: "killed" },
          { ...wild, invalid: "the machine slept" },
          { ...wild, outcome: "timed-out" },
        ),
      ]),
    ).toBe(1e-3);
  });
});
