import { describe, expect, it } from "vitest";
import { detect } from "../../../src/core/detect/detection.ts";
import { DETECTOR_NAMES } from "../../../src/core/detect/result.ts";
import { scoresOf } from "../../../src/core/detect/scores.ts";
import { faultStartsOf, seriesOf } from "../../../src/core/detect/series.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import { SYNTHETIC_POLICY } from "../../support/synthetic-profile.ts";
import { type PlacedWindow, rounds, runOf, struck } from "./runs.ts";

/** "..x" a second; the windows as they stand. */
const scored = (placed: readonly PlacedWindow[], flags: string): ReturnType<typeof scoresOf> => {
  const profile = runOf(placed);
  const series = seriesOf(profile);
  expect(flags).toHaveLength(series.length);
  const names = profile.scenarios.map(({ name }) => name);
  return scoresOf(
    series,
    Array.from(flags, (each) => each === "x"),
    names,
    faultStartsOf(profile),
  );
};

const C = { scenario: "control" };
const F = { scenario: "slow" };
const G = { scenario: "failing" };

describe("alarms are scored by the schedule", () => {
  it("counts the delay from the fault's start to the end of the first flagged second", () => {
    const { scenarios } = scored([C, F, C, F, C, F], "... .x. ... ..x ... ...".replaceAll(" ", ""));
    expect(scenarios).toEqual([{ scenario: "slow", windows: 3, found: 2, medianDelayMs: 2500 }]);
  });

  it("has no delay where nothing was found", () => {
    expect(scored([C, F], "......").scenarios).toEqual([
      { scenario: "slow", windows: 1, found: 0, medianDelayMs: null },
    ]);
  });

  it("takes consecutive flagged seconds for one alarm", () => {
    expect(scored([{ scenario: "control", seconds: 8 }], ".xx.xxx.")).toMatchObject({
      falseAlarms: 2,
      calmMs: 8000,
    });
  });

  it("tells when each alarm began, and which began in calm", () => {
    const { alarms, falseAlarms } = scored([C, F, C], ".x. .xx ..x".replaceAll(" ", ""));
    expect(alarms.map(({ isFalse }) => isFalse)).toEqual([true, false, true]);
    expect(alarms.filter(({ isFalse }) => isFalse)).toHaveLength(falseAlarms);
    const [first = 0, second = 0, third = 0] = alarms.map(({ atMs }) => atMs);
    expect([second - first, third - second]).toEqual([3000, 4000]);
  });

  it("does not blame an alarm that began under a fault for going on after it", () => {
    expect(scored([F, C], ".xxxxx")).toMatchObject({ falseAlarms: 0, calmMs: 2000 });
    expect(scored([F, C], ".xx.xx")).toMatchObject({ falseAlarms: 1 });
  });

  it("does not blame what begins in the second after a fault", () => {
    expect(scored([F, C], "...xx.").falseAlarms).toBe(0);
  });

  it("blames an alarm before a fault, and does not thank it for the fault at once", () => {
    const { falseAlarms, scenarios } = scored([C, F], "..xx..");
    expect(falseAlarms).toBe(1);
    expect(scenarios[0]).toMatchObject({ found: 0 });
  });

  it("lets the alarm of one fault count for the next only where it lasts", () => {
    expect(scored([F, G], ".xxx..").scenarios.map(({ found }) => found)).toEqual([1, 0]);
    expect(scored([F, G], ".xxxx.").scenarios).toMatchObject([
      { found: 1 },
      { found: 1, medianDelayMs: 2000 },
    ]);
    expect(scored([F, G], ".x.x..").scenarios).toMatchObject([
      { found: 1 },
      { found: 1, medianDelayMs: 1000 },
    ]);
  });

  it("does not blame what an outage leaves behind", () => {
    const placed = [
      { scenario: "outage", seconds: 2 },
      { scenario: "control", seconds: 8 },
    ];
    expect(scored(placed, ".....x....")).toMatchObject({ falseAlarms: 0, calmMs: 3000 });
    expect(scored(placed, "........x.")).toMatchObject({ falseAlarms: 1 });
  });
});

const run = (seed: number, profile = {}): ReturnType<typeof runOf> =>
  runOf(rounds(8), { seed, alter: struck, profile });
const earlier = Array.from({ length: 8 }, (_, index) => run(50 + index));

describe("the detectors of a run", () => {
  it("are told in the order they were asked for, with what each found", () => {
    const results = detect(run(1), earlier, DETECTOR_NAMES);
    expect(results.map(({ detector }) => detector)).toEqual(DETECTOR_NAMES);
    for (const { scenarios, falseAlarms, calmMs, fellBack } of results) {
      expect(scenarios).toMatchObject([
        { scenario: "slow", windows: 8, found: 8 },
        { scenario: "failing", windows: 8, found: 8 },
      ]);
      expect(falseAlarms).toBe(0);
      expect(calmMs).toBe(17_000);
      expect(fellBack).toBeUndefined();
    }
  });

  it("learn from runs of one frame, whatever their experiments", () => {
    const others = earlier.map((profile) => ({ ...profile, suiteHash: "other" }));
    expect(detect(run(1), others, ["random-forest"])[0]?.form).toBe("100 trees, trained on 8 runs");
    const elsewhere = earlier.map((profile) => ({ ...profile, suiteHash: "other", frameHash: "other" }));
    expect(detect(run(1), elsewhere, ["random-forest"])[0]?.fellBack).toBe(
      "a forest needs 8 earlier runs, there are 0",
    );
  });

  it("learn from the newest eight", () => {
    const first = detect(run(1), [...earlier, ...earlier], ["svm"]);
    expect(first[0]?.form).toBe("two-class, trained on 8 runs");
  });

  it("say where there is too little calm", () => {
    const [result] = detect(runOf([C, F]), [], ["mean-variance"]);
    expect(result).toMatchObject({ form: "not run", scenarios: [] });
    expect(result?.fellBack).toContain("fewer than 10 s of calm");
  });

  it("say nothing of a run without windows", () => {
    expect(detect(runOf([]), earlier, DETECTOR_NAMES)).toEqual([]);
  });

  it("are in the result where the suite names them, and change no verdict", () => {
    const input = {
      head: run(1),
      baseline: { schemaVersion: 1, suite: "cases", profiles: earlier },
      policy: SYNTHETIC_POLICY,
      experiments: [],
    } as const;
    const reproduce = (): string => "";
    const without = buildResult(input, judge(input), reproduce);
    const watched = { ...input, detectors: ["mean-variance"] } as const;
    const { detection, ...rest } = buildResult(watched, judge(watched), reproduce);
    expect(rest).toEqual(without);
    expect(without).not.toHaveProperty("detection");
    expect(detection?.map(({ detector }) => detector)).toEqual(["mean-variance"]);
  });
});
