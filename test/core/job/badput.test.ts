import { describe, expect, it } from "vitest";
import { paceOf, timeSpent } from "../../../src/core/job/badput.ts";
import type { JobRun } from "../../../src/core/job/run.ts";
import { JOB_SCENARIOS, jobRun } from "../../support/job-runs.ts";
import { aRun, life } from "./runs.ts";

/** 100 ms a step, 500 ms until the first. */
const calm = aRun({
  attempts: [life(0, 1000, "own", 0)],
  steps: [
    [1, 500],
    [2, 600],
    [3, 700],
    [4, 800],
    [5, 900],
  ],
});

const sumOf = (run: JobRun): number =>
  Object.values(timeSpent(run, paceOf([calm])).badput).reduce((sum, each) => sum + each, 0);

describe("where a run's time went", () => {
  it("is told in parts that add up to its duration, whatever happened", () => {
    for (const { name } of JOB_SCENARIOS) {
      for (const change of [
        {},
        { fromZero: true },
        { crashes: 9 },
        { hangs: true },
        { broken: true },
      ] as const) {
        const run = jobRun(name, { seed: 3, change });
        expect(sumOf(run)).toBeCloseTo(run.durationMs, 6);
      }
    }
  });

  it("in calm is start, steps, and what comes after them", () => {
    const { badput, goodput } = timeSpent(calm, paceOf([calm]));
    expect(badput).toEqual({
      productiveMs: 400,
      startMs: 500,
      lostMs: 0,
      savingMs: 0,
      downMs: 0,
      slowMs: 100,
    });
    expect(goodput).toBeCloseTo(0.4, 9);
  });

  it("after a kill has a second start, time without a process, and steps that were done again", () => {
    const run = aRun({
      attempts: [life(0, 750, "fault"), life(1000, 2000, "own", 0)],
      steps: [
        [1, 500],
        [2, 600],
        [3, 700],
        [2, 1400],
        [3, 1500],
        [4, 1600],
        [5, 1700],
      ],
    });
    expect(timeSpent(run, paceOf([calm])).badput).toEqual({
      productiveMs: 400,
      startMs: 500 + 400,
      lostMs: 100,
      savingMs: 0,
      downMs: 250,
      slowMs: 50 + 300,
    });
  });

  it("counts what a step takes beyond calm as slow, and a save as saving", () => {
    const run = aRun({
      attempts: [life(0, 1500, "own", 0)],
      steps: [
        [1, 500],
        [2, 900],
        [3, 1000],
        [4, 1150],
        [5, 1250],
      ],
      events: [
        { kind: "saving", step: 3, atMs: 1010 },
        { kind: "saved", step: 3, atMs: 1060 },
        { kind: "saving", step: 5, atMs: 1300 },
      ],
    });
    const { badput } = timeSpent(run, paceOf([calm]));
    expect(badput.savingMs).toBe(50 + 200);
    expect(badput.slowMs).toBe(300 + 50);
    expect(badput.productiveMs).toBe(400);
  });

  it("ends a save that a kill cut short with its process", () => {
    const run = aRun({
      attempts: [life(0, 760, "fault"), life(1000, 1500, "own", 0)],
      steps: [
        [1, 500],
        [2, 600],
        [3, 700],
        [4, 1200],
        [5, 1300],
      ],
      events: [{ kind: "saving", step: 3, atMs: 710 }],
    });
    expect(timeSpent(run, paceOf([calm])).badput.savingMs).toBe(50);
  });

  it("counts a stretch that reaches beyond what was done before as part of each", () => {
    // It logs every other step.
    const run = aRun({
      attempts: [life(0, 450, "fault"), life(450, 1000, "own", 0)],
      steps: [
        [1, 100],
        [3, 300],
        [2, 600],
        [4, 800],
      ],
    });
    const { badput } = timeSpent(run, { medianMs: 100, between: new Map() });
    expect(badput.lostMs).toBe(100);
    expect(badput.productiveMs).toBe(200 + 100);
  });

  it("knows how long a step takes from calm runs alone, saves left out", () => {
    const saves = aRun({
      attempts: [life(0, 1000, "own", 0)],
      steps: [
        [10, 100],
        [20, 1200],
      ],
      events: [
        { kind: "saving", step: 10, atMs: 150 },
        { kind: "saved", step: 10, atMs: 250 },
      ],
    });
    expect(paceOf([{ ...saves, durationMs: 2000, attempts: [life(0, 2000, "own", 0)] }])?.medianMs).toBe(100);
    expect(paceOf([aRun({ attempts: [life(0, 10, "own", 0)], steps: [[1, 5]] })])).toBeNull();
    expect(timeSpent(calm, null).goodput).toBeNull();
  });
});
