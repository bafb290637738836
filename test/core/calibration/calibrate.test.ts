import { describe, expect, test } from "vitest";
import { calibrate, timesLonger, type Visible } from "../../../src/core/calibration/calibrate.ts";
import { noiseOf } from "../../../src/core/calibration/noise.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { renderCalibration } from "../../../src/core/report/calibration.ts";
import {
  SYNTHETIC_POLICY,
  type SyntheticOptions,
  syntheticProfile,
} from "../../support/synthetic-profile.ts";

const QUIET = { stallEveryS: Infinity, neighbourEveryS: Infinity, speedSpread: 0 };
const run = (runSeed: number, over: Partial<SyntheticOptions> = {}): Profile =>
  syntheticProfile({ scheduleSeed: 5, runSeed, rateRps: 20, ...QUIET, ...over });
const runs = (count: number, over: Partial<SyntheticOptions> = {}): readonly Profile[] =>
  Array.from({ length: count }, (_, index) => run(100 + index, over));

const calm = (
  profile: Profile,
  change: (row: Observation, place: number, of: number) => Observation,
): Profile => {
  const isCalm = ({ window }: Observation): boolean => profile.windows[window]?.scenario === "control";
  const all = profile.observations.filter(isCalm);
  const places = new Map(all.map((row, place) => [row, place]));
  return {
    ...profile,
    observations: profile.observations.map((row) => {
      const place = places.get(row);
      return place === undefined ? row : change(row, place, all.length);
    }),
  };
};

describe("a calibration", () => {
  test("of quiet runs counts no failure, and bounds how many there may be", () => {
    const { words, failed, failedUpper, visible } = calibrate(runs(4), SYNTHETIC_POLICY, []);
    expect(words).toHaveLength(3);
    expect(failed).toBe(0);
    expect(failedUpper).toBeCloseTo(0.6316, 4);
    expect(visible.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(["error-rate", "p50", "hit50"]),
    );
    for (const each of visible) expect(each.visible).toBeGreaterThan(each.margin);
  });

  test("counts a run that fails: here the last one is another service", () => {
    const changed = run(200, { change: { hitErrors: 1, scenario: "reset" } });
    const { words, failed } = calibrate([...runs(3), changed], SYNTHETIC_POLICY, []);
    expect(words.at(-1)).toBe("regressed");
    expect(failed).toBe(1);
  });

  test("judges a run by those before it alone, not by what came later", () => {
    const changed = [200, 201, 202].map((seed) => run(seed, { change: { hitErrors: 1, scenario: "reset" } }));
    expect(calibrate([run(100), ...changed], SYNTHETIC_POLICY, []).words[0]).toBe("regressed");
  });

  test("sees less with less load", () => {
    const least = (rateRps: number): number =>
      calibrate(runs(3, { rateRps }), SYNTHETIC_POLICY, []).visible.find(
        ({ metric }) => metric === "error-rate",
      )?.visible ?? 0;
    expect(least(12)).toBeGreaterThan(least(40));
  });

  test("of one run is none", () => {
    expect(() => calibrate(runs(1), SYNTHETIC_POLICY, [])).toThrow(RangeError);
  });
});

describe("noise", () => {
  test("of a quiet machine is little", () => {
    const { betweenRuns, driftWithinRun, stallsPerMinute } = noiseOf(runs(3), SYNTHETIC_POLICY);
    expect(betweenRuns).toBeLessThan(1.1);
    expect(driftWithinRun).toBeLessThan(0.1);
    expect(stallsPerMinute).toBe(0);
  });

  test("tells a slower run, a drift within one, and stalls", () => {
    const [one] = runs(1);
    const base = one as Profile;
    const times = (row: Observation, by: number): Observation => ({ ...row, latencyMs: row.latencyMs * by });
    const slower = calm(base, (row) => times(row, 1.5));
    expect(noiseOf([base, slower], SYNTHETIC_POLICY).betweenRuns).toBeCloseTo(1.5, 6);
    const drifting = calm(base, (row, place, of) => times(row, 1 + (0.6 * place) / of));
    expect(noiseOf([drifting], SYNTHETIC_POLICY).driftWithinRun).toBeGreaterThan(0.2);
    const stalled = calm(base, (row, place) =>
      place === 40 || place === 41 || place === 120 ? times(row, 20) : row,
    );
    const minutes =
      base.windows
        .filter(({ scenario }) => scenario === "control")
        .reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000;
    expect(noiseOf([stalled], SYNTHETIC_POLICY).stallsPerMinute * minutes).toBeCloseTo(2, 6);
  });
});

describe("a wish", () => {
  const known: Visible = {
    metric: "error-rate",
    unit: "share",
    scenario: "reset",
    visible: 0.025,
    margin: 0.005,
    designEffect: 1.2,
  };

  test("takes four times as long for half of what is beyond the margin; what is seen takes no more; less is never seen", () => {
    expect(timesLonger(known, 0.015)).toBeCloseTo(4, 9);
    expect(timesLonger(known, 0.05)).toBe(1);
    expect(timesLonger(known, 0.005)).toBeNull();
  });

  test("is answered in words a person can act on", () => {
    const calibration = { ...calibrate(runs(3), SYNTHETIC_POLICY, []), visible: [known] };
    const text = renderCalibration(calibration, [
      { metric: "error-rate", value: 0.015 },
      { metric: "error-rate", value: 0.004 },
      { metric: "recovery", value: 500 },
    ]);
    expect(text).toContain("errors +1.5 points: 4.0 times the budget or the rate");
    expect(text).toContain(
      "errors +0.4 points: never, because gate.minEffect allows +0.5 points; lower it first",
    );
    expect(text).toContain("recovery time: not measured by this suite");
    expect(text).toContain("False failures: 0 of 2; with 95 % confidence at most 77.6 %.");
  });
});
