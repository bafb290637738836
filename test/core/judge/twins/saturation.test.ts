/** Medians under a processor limit, on another machine: near saturation they grow faster than the machine slows. */
import { describe, expect, test } from "vitest";
import { judge } from "../../../../src/core/judge/judge.ts";
import type { Profile } from "../../../../src/core/profile.ts";
import type { Comparison } from "../../../../src/core/verdict.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../../support/synthetic-profile.ts";

const QUIET = { stallEveryS: Infinity, neighbourEveryS: Infinity, speedSpread: 0 };
const run = (runSeed: number, probeMs: number): Profile => ({
  ...syntheticProfile({ scheduleSeed: 7, runSeed, rateRps: 25, ...QUIET }),
  probeMs,
});

/** Calm answers, and those under the limit, so many times as long. */
const slower = (profile: Profile, calmTimes: number, limitedTimes: number): Profile => ({
  ...profile,
  observations: profile.observations.map((row) => {
    const scenario = profile.windows[row.window]?.scenario;
    const times = scenario === "cpu" ? limitedTimes : calmTimes;
    return {
      ...row,
      latencyMs: row.latencyMs * times,
      ttftMs: row.ttftMs === null ? null : row.ttftMs * times,
    };
  }),
});

const BASES = [2, 3, 4].map((seed) => slower(run(seed, 10), 1, 2));

const limited = (head: Profile, paired = false): Comparison => {
  const found = judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: paired ? BASES.slice(0, 1) : BASES },
    policy: SYNTHETIC_POLICY,
    experiments: [],
    paired,
  }).comparisons.find(({ scenario, metric }) => scenario === "cpu" && metric === "p50");
  if (found === undefined) throw new Error("the median under the limit is compared");
  return found;
};

const holdsNoChange = ({ interval }: Comparison): boolean =>
  interval !== null && interval[0] <= 0 && interval[1] >= 0;

describe("the median under a processor limit, twice that of calm traffic or more,", () => {
  test("grown by half on a machine a fifth slower is not blamed, and its interval holds no change", () => {
    const comparison = limited(slower(run(1, 12), 1.2, 2 * 1.2 * 1.5));
    expect(comparison.label).toBe("unbounded");
    expect(holdsNoChange(comparison)).toBe(true);
  });

  test("grown by half on a machine of the same speed is worse", () => {
    expect(limited(slower(run(1, 10), 1, 2 * 1.5)).label).toBe("regressed");
  });

  test("grown sixfold on a machine a fifth slower stays open: a saturated queue has no bound", () => {
    expect(limited(slower(run(1, 12), 1.2, 2 * 1.2 * 6))).toMatchObject({ label: "unbounded", p: null });
  });

  test("grown sixfold beside a neighbour that only calm traffic notices stays open", () => {
    expect(limited(slower(run(1, 10), 1.1, 2 * 1.1 * 6))).toMatchObject({ label: "unbounded", p: null });
  });

  test("grown by half where nothing queues under the limit is worse, on a slower machine too", () => {
    const waiting = [2, 3, 4].map((seed) => slower(run(seed, 10), 1, 0.6));
    const head = slower(run(1, 10.5), 1.05, 0.6 * 1.05 * 1.5);
    const found = judge({
      head,
      baseline: { schemaVersion: 1, suite: head.suite, profiles: waiting },
      policy: SYNTHETIC_POLICY,
      experiments: [],
    }).comparisons.find(({ scenario, metric }) => scenario === "cpu" && metric === "p50");
    expect(found?.label).toBe("regressed");
  });

  test("as ever, on a machine a fifth faster, is not shown to be as good", () => {
    const comparison = limited(slower(run(1, 8), 0.8, 2 * 0.8));
    expect(comparison.label).toBe("unbounded");
    expect(holdsNoChange(comparison)).toBe(true);
  });

  test("as ever, on a machine of the same speed, is as good", () => {
    expect(limited(slower(run(1, 10), 1, 2)).label).toBe("ok");
  });

  test("grown by half side by side is worse, whatever the machine", () => {
    expect(limited(slower(run(1, 12), 1.2, 2 * 1.2 * 1.5), true).label).toBe("regressed");
  });
});
